internal import Crypto
internal import Exchange
internal import Foundation

/// The key that signs access tokens (ES256), and nothing else.
struct AccessTokenKey: Sendable {
    private let key: P256.Signing.PrivateKey
    /// Tells tokens of this key from those of another: the beginning of the public key's SHA-256.
    let name: String

    /// A new one, of this process only: tokens end with the service.
    init() {
        key = P256.Signing.PrivateKey()
        name = SHA256.hash(data: key.publicKey.x963Representation).prefix(8).hexadecimal
    }

    /// - Returns: 64 bytes (RFC 7518 section 3.4).
    func signature(of bytes: [UInt8]) -> [UInt8] {
        do {
            return Array(try key.signature(for: bytes).rawRepresentation)
        } catch {
            preconditionFailure("a P-256 key in memory cannot sign: \(error)")
        }
    }

    func verifies(_ signature: [UInt8], of bytes: [UInt8]) -> Bool {
        guard let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature) else {
            return false
        }
        return key.publicKey.isValidSignature(signature, for: bytes)
    }
}
