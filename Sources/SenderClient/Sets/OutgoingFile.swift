public import Exchange
internal import Glibc

/// One file of a set that is to be sent.
public struct OutgoingFile: Sendable, Hashable {
    /// Where its bytes come from.
    public enum Content: Sendable, Hashable {
        /// On disk, with the size it had when the set was put together.
        case file(path: String, size: UInt64)
        /// Made here, such as a signature.
        case bytes([UInt8])
    }

    public let name: FileName
    public let content: Content

    public init(name: FileName, content: Content) {
        self.name = name
        self.content = content
    }

    /// In bytes.
    public var size: UInt64 {
        switch content {
        case .file(_, let size): size
        case .bytes(let bytes): UInt64(bytes.count)
        }
    }

    /// When a file on disk was last written, in seconds since 1970; nil for what was made here.
    var modifiedAt: Double? {
        guard case .file(let path, _) = content else { return nil }
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9
    }
}

/// A file to be sent cannot be read as it was: one English sentence.
public struct LocalFault: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String

    init(_ description: String) {
        self.description = description
    }

    /// What the last system call said of a path.
    static func system(_ path: String, _ code: Int32 = errno) -> LocalFault {
        LocalFault("\(path): \(String(cString: strerror(code)))")
    }
}

/// Reads the content of a file to be sent from any offset; the one owner of its descriptor.
final class ContentReader {
    private let content: OutgoingFile.Content
    private let descriptor: Int32

    init(_ file: OutgoingFile) throws(LocalFault) {
        content = file.content
        guard case .file(let path, _) = file.content else {
            descriptor = -1
            return
        }
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(path) }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Fills what it can of the buffer; 0 at the end. A file that is not as long as it was is a fault.
    func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(LocalFault) -> Int {
        switch content {
        case .bytes(let bytes):
            let rest = bytes.dropFirst(Int(offset)).prefix(buffer.count)
            buffer.copyBytes(from: rest)
            return rest.count
        case .file(let path, let size):
            return try read(path, size: size, at: offset, into: buffer)
        }
    }

    private func read(
        _ path: String, size: UInt64, at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer
    ) throws(LocalFault) -> Int {
        while true {
            let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw .system(path) }
            let end = offset + UInt64(count)
            guard end <= size, count > 0 || offset == size else {
                throw LocalFault("\(path) changed while it was sent; the set was not completed")
            }
            return count
        }
    }
}
