internal import CLibXML2
internal import Synchronization

/// The schema texts that libxml2 may see, kept in memory, for all catalogues of the process.
///
/// libxml2 asks one loader, global to the process, for every schema and everything a schema includes. Texts
/// are therefore named by an address of our own, `ecluse-schema:/<catalogue>/<file>`: the loader serves what
/// stands here and nothing else, whatever thread asks, and never touches the disk or the network.
final class SchemaLibrary: Sendable {
    private static let scheme = "ecluse-schema:/"
    private static let shelves = Mutex<(next: Int, texts: [Int: [String: [UInt8]]])>((1, [:]))

    private let number: Int
    let names: Set<String>
    let texts: [String: [UInt8]]

    init(_ texts: [String: [UInt8]]) {
        names = Set(texts.keys)
        self.texts = texts
        number = SchemaLibrary.shelves.withLock { shelves in
            let number = shelves.next
            shelves.next += 1
            shelves.texts[number] = texts
            return number
        }
    }

    deinit {
        let number = number
        SchemaLibrary.shelves.withLock { _ = $0.texts.removeValue(forKey: number) }
    }

    /// What to hand libxml2 to have `file` loaded.
    func address(of file: String) -> String { "\(SchemaLibrary.scheme)\(number)/\(file)" }

    /// Answers the entity loader; nil refuses.
    static func input(at address: String, for context: xmlParserCtxtPtr) -> xmlParserInputPtr? {
        guard address.hasPrefix(scheme) else { return nil }
        let elements = address.dropFirst(scheme.count).split(separator: "/", omittingEmptySubsequences: false)
        guard elements.count == 2, let number = Int(elements[0]) else { return nil }
        let file = String(elements[1])
        let text = shelves.withLock { $0.texts[number]?[file] }
        guard let text, let count = Int32(exactly: text.count) else { return nil }
        return text.withUnsafeBytes { bytes in
            ecluse_xml_input(context, address, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), count)
        }
    }
}
