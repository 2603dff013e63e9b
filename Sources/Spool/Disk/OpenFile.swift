internal import Crypto
internal import Exchange
internal import Foundation
internal import Glibc

/// An open file, closed with its last reference. Reads and writes name their offset, so several threads may
/// use it.
final class OpenFile: Sendable {
    /// The operation of a fault after which written bytes may be lost.
    static let syncing = "fsync"

    private let descriptor: Int32
    private let path: String

    init(owning descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit {
        // On Linux the descriptor is gone even when close reports an error; what matters was synced before.
        _ = Glibc.close(descriptor)
    }

    /// Writes all of `bytes`, in as many calls as it takes.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(SystemFault) {
        var rest = bytes
        var position = off_t(clamping: offset)
        while let start = rest.baseAddress, !rest.isEmpty {
            let count = rest.count
            let written = try SystemFault.retrying("write", path) {
                pwrite(descriptor, start, count, position)
            }
            guard written > 0 else { throw SystemFault(operation: "write", path: path, code: EIO) }
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
            position += off_t(written)
        }
    }

    /// Returns the number of bytes read; 0 at the end only.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(SystemFault) -> Int {
        guard let start = buffer.baseAddress, let position = off_t(exactly: offset) else { return 0 }
        return try SystemFault.retrying("read", path) { pread(descriptor, start, buffer.count, position) }
    }

    func resize(to size: UInt64) throws(SystemFault) {
        try SystemFault.retrying("ftruncate", path) { ftruncate(descriptor, off_t(clamping: size)) }
    }

    func sync() throws(SystemFault) {
        // Not repeated after EINTR: a sync that failed in any way proves nothing.
        guard fsync(descriptor) == 0 else {
            throw SystemFault(operation: OpenFile.syncing, path: path, code: errno)
        }
    }

    func status() throws(SystemFault) -> FileStatus {
        var status = stat()
        try SystemFault.retrying("fstat", path) { fstat(descriptor, &status) }
        return FileStatus(status)
    }

    /// SHA-256 and number of all bytes from the start.
    func digest() throws(SystemFault) -> (digest: Exchange.Digest, size: Int64) {
        var hasher = SHA256()
        var size: UInt64 = 0
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 * 1024, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = try read(into: buffer, at: size)
            if count == 0 { break }
            hasher.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            size += UInt64(count)
        }
        return (Exchange.Digest(sha256: hasher.finalize()), Int64(clamping: size))
    }
}

extension Exchange.Digest {
    init(sha256: SHA256.Digest) {
        guard let digest = Exchange.Digest(sha256) else {
            preconditionFailure("a SHA-256 value has 32 bytes")
        }
        self = digest
    }
}

/// What the spool asks of a file's status.
struct FileStatus: Sendable {
    let size: UInt64
    let modifiedAt: Date
    let inode: UInt64
    let isDirectory: Bool

    init(_ status: stat) {
        size = UInt64(clamping: status.st_size)
        modifiedAt = Date(
            timeIntervalSince1970: Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9)
        inode = UInt64(status.st_ino)
        isDirectory = status.st_mode & S_IFMT == S_IFDIR
    }
}
