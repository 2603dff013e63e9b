public import Exchange
internal import Glibc

/// A regular file of ours opened for reading; the one owner of its descriptor.
///
/// Each reading says where, so that several may read at a time, in more than one process.
public final class ReadableFile: Sendable {
    /// Open as long as this object lives.
    public let descriptor: Int32

    /// Opens a file.
    ///
    /// - Parameter isFollowed: a symbolic link leads to the file; otherwise it is none of ours.
    /// - Throws: `.diskFault` when it cannot be opened or is not a regular file.
    public convenience init(path: String, followingLinks isFollowed: Bool = false) throws(Deferral) {
        let links = isFollowed ? 0 : O_NOFOLLOW
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | links)
        guard descriptor >= 0 else { throw ReadableFile.fault("opening") }
        self.init(owning: descriptor)
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw ReadableFile.fault("inspecting") }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw Deferral(.diskFault, "A file is not a regular file.")
        }
    }

    /// - Parameter descriptor: of a regular file, open for reading; closed with this object.
    public init(owning descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit { _ = close(descriptor) }

    /// Fills the buffer as far as one read goes; 0 at the end of the file.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(Deferral) -> Int {
        while true {
            let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
            if count >= 0 { return count }
            guard errno == EINTR else { throw ReadableFile.fault("reading") }
        }
    }

    /// All bytes, but no more than `limit`; one more than that when the file is longer.
    func bytes(limit: Int) throws(Deferral) -> [UInt8] {
        var bytes: [UInt8] = []
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 16_384, alignment: 16)
        defer { buffer.deallocate() }
        while bytes.count <= limit {
            let count = try read(into: buffer, at: Int64(bytes.count))
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return Array(bytes.prefix(limit + 1))
    }

    private static func fault(_ verb: String) -> Deferral {
        Deferral(
            .diskFault,
            "A file is unreadable: \(verb) it failed with \(String(cString: strerror(errno))).")
    }
}

/// A file as its sender named it.
public struct SentFile: Sendable {
    public let name: FileName
    public let file: ReadableFile

    public init(_ name: FileName, _ file: ReadableFile) {
        self.name = name
        self.file = file
    }

    /// Opens one of ours; nothing of the sender's is in the path.
    public init(_ name: FileName, at path: String) throws(StageFailure) {
        do {
            self.init(name, try ReadableFile(path: path))
        } catch {
            throw .deferred(error)
        }
    }
}
