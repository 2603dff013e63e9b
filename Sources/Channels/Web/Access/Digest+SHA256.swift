internal import Exchange

internal import struct Crypto.SHA256

extension Digest {
    init(sha256Of bytes: [UInt8]) {
        guard let digest = Digest(SHA256.hash(data: bytes)) else {
            preconditionFailure("SHA-256 is not 32 bytes")
        }
        self = digest
    }
}
