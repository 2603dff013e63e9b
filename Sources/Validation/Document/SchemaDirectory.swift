internal import Glibc

/// Reads the schema files of a directory, and nothing that lies elsewhere: a symbolic link counts only when
/// what it leads to is inside the directory too.
struct SchemaDirectory {
    /// A schema is a text of people; the largest official one has 0.2 MB.
    private static let largest = 16 << 20

    private let path: String
    private let realPath: String

    init(_ path: String) throws(SchemaFault) {
        guard let realPath = SchemaDirectory.resolve(path) else { throw .directoryMissing(path) }
        self.path = path
        self.realPath = realPath
    }

    /// The bytes of each `*.xsd`, by file name; never empty.
    func texts() throws(SchemaFault) -> [String: [UInt8]] {
        guard let directory = opendir(realPath) else { throw .directoryMissing(path) }
        defer { closedir(directory) }
        var texts: [String: [UInt8]] = [:]
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name.hasSuffix(".xsd"), !name.hasPrefix(".") else { continue }
            guard name.utf8.allSatisfy(SchemaDirectory.isPlain) else {
                throw .unreadable(
                    file: PlainText.escaped(name),
                    sentence: "its name has more than letters, digits and . _ -")
            }
            texts[name] = try text(of: name)
        }
        if texts.isEmpty { throw .noSchemas(path) }
        return texts
    }

    private func text(of name: String) throws(SchemaFault) -> [UInt8] {
        guard let file = SchemaDirectory.resolve(realPath + "/" + name) else {
            throw .unreadable(file: name, sentence: String(cString: strerror(errno)))
        }
        guard file.hasPrefix(realPath + "/") else { throw .outsideCatalogue(file: name, reference: file) }
        let descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw .unreadable(file: name, sentence: String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        return try SchemaDirectory.bytes(of: descriptor, named: name)
    }

    private static func bytes(of descriptor: Int32, named name: String) throws(SchemaFault) -> [UInt8] {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .unreadable(file: name, sentence: "it is not a regular file")
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw .unreadable(file: name, sentence: String(cString: strerror(errno)))
            }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
            guard bytes.count <= largest else { throw .unreadable(file: name, sentence: "it is too large") }
        }
    }

    private static func resolve(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
        default: false
        }
    }
}
