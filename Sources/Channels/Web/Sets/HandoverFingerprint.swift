internal import Exchange

internal import struct Crypto.SHA256
internal import struct Crypto.SHA256Digest

/// What tells two requests with the same key apart: the name of the set and the name and bytes of every part, in no
/// order.
struct HandoverFingerprint {
    private let name: FileName
    private let parts: [(name: FileName, digest: Digest)]

    init(name: FileName, parts: [FileName: Digest]) {
        self.name = name
        self.parts = parts.map { ($0.key, $0.value) }
            .sorted { $0.name.bytes.lexicographicallyPrecedes($1.name.bytes) }
    }

    /// SHA-256 over every name, its length before it, and the digest of its bytes.
    var digest: Digest {
        var hasher = SHA256()
        func add(_ name: FileName) {
            hasher.update(data: [UInt8(name.bytes.count)])
            hasher.update(data: name.bytes)
        }
        add(name)
        for part in parts {
            add(part.name)
            hasher.update(data: part.digest.bytes)
        }
        return Digest(hasher.finalize())
    }
}

extension Digest {
    init(_ value: SHA256Digest) {
        guard let digest = Digest(Array(value)) else { preconditionFailure("a SHA-256 value has 32 bytes") }
        self = digest
    }
}
