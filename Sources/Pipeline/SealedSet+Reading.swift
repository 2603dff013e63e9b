internal import Crypto
internal import Exchange
internal import Foundation

extension SealedSet.Part {
    /// What lies at `path` now, size and digest.
    init(_ name: FileName, readFrom path: String) throws {
        let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? handle.close() }
        var hash = SHA256()
        var size: Int64 = 0
        while let chunk = try handle.read(upToCount: 1 << 20), !chunk.isEmpty {
            hash.update(data: chunk)
            size += Int64(chunk.count)
        }
        guard let digest = Digest(hash.finalize()) else { preconditionFailure("SHA-256 has 32 bytes") }
        self.init(name: name, size: size, digest: digest)
    }
}
