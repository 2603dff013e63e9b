internal import Synchronization

/// The schemas a document may name, by file name. Immutable after `load` and shared by threads.
///
/// `load` reads every `*.xsd` of one directory into memory, refuses what is not well-formed or refers to
/// anything outside the directory, and from then on neither disk nor network is touched. A small directory is
/// compiled at once; a schema of a large bundle (hundreds of files, some megabytes each when compiled) at its
/// first use, and at most `compiledLimit` of them are kept. `prove()` compiles them all.
public final class SchemaCatalogue: Sendable {
    /// Directories with at most this many files are compiled at load.
    static let eagerLimit = 24
    /// Compiled schemas kept at a time.
    static let compiledLimit = 64

    private let library: SchemaLibrary
    private let compiled = Mutex<CompiledShelf>(CompiledShelf(limit: SchemaCatalogue.compiledLimit))

    /// The file names, such as `Dimona_20231.xsd`, sorted.
    public var names: [String] { library.names.sorted() }

    private init(_ library: SchemaLibrary) { self.library = library }

    /// The bytes of each file, by its name: what another process makes the same catalogue of.
    public var texts: [String: [UInt8]] { library.texts }

    /// Reads the `*.xsd` files that lie directly in `directory`.
    public static func load(from directory: String) throws(SchemaFault) -> SchemaCatalogue {
        try make(of: SchemaDirectory(directory).texts())
    }

    /// - Parameter texts: the bytes of each file, by its name.
    public static func make(of texts: [String: [UInt8]]) throws(SchemaFault) -> SchemaCatalogue {
        for (file, text) in texts.sorted(by: { $0.key < $1.key }) {
            for reference in try SchemaScan(text, named: file).references {
                let name = reference.hasPrefix("./") ? String(reference.dropFirst(2)) : reference
                guard texts[name] != nil else {
                    throw .outsideCatalogue(file: file, reference: PlainText.escaped(reference))
                }
            }
        }
        let catalogue = SchemaCatalogue(SchemaLibrary(texts))
        if texts.count <= eagerLimit { try catalogue.prove() }
        return catalogue
    }

    /// Compiles every schema, so that a broken one is known before a document names it.
    public func prove() throws(SchemaFault) {
        for name in names { _ = try schema(named: name) }
    }

    /// The compiled schema of a file; nil when the catalogue has no such file.
    func schema(named name: String) throws(SchemaFault) -> CompiledSchema? {
        guard contains(name) else { return nil }
        // The lock is held while compiling (some milliseconds), so that one schema is compiled once.
        let result = compiled.withLock { shelf -> Result<CompiledSchema, SchemaFault> in
            if let schema = shelf[name] { return .success(schema) }
            do throws(SchemaFault) {
                let schema = try CompiledSchema.make(name, from: library)
                shelf.keep(schema)
                return .success(schema)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    func contains(_ name: String) -> Bool { library.names.contains(name) }
}

/// The compiled schemas kept, the least recently used dropped first. Guarded by the catalogue's lock.
private struct CompiledShelf {
    private let limit: Int
    private var clock = 0
    private var schemas: [String: (schema: CompiledSchema, used: Int)] = [:]

    init(limit: Int) { self.limit = limit }

    subscript(name: String) -> CompiledSchema? {
        mutating get {
            guard let schema = schemas[name]?.schema else { return nil }
            clock += 1
            schemas[name] = (schema, clock)
            return schema
        }
    }

    mutating func keep(_ schema: CompiledSchema) {
        if schemas.count >= limit, let oldest = schemas.min(by: { $0.value.used < $1.value.used })?.key {
            schemas[oldest] = nil
        }
        clock += 1
        schemas[schema.name] = (schema, clock)
    }
}
