internal import Exchange
internal import Foundation
internal import JWTKit

/// The signatures a client assertion may have (RFC 7518 section 3.1). None and HMAC are not among them: with those a
/// public key would do as the secret.
enum AssertionAlgorithm: String, Sendable, CaseIterable {
    case rs256 = "RS256"
    case ps256 = "PS256"
    case es256 = "ES256"
    case es384 = "ES384"

    /// True when the signature is that of the certificate's key. A key of another kind, and an RSA key below 2048
    /// bits, has made none.
    func verifies(_ signature: [UInt8], of bytes: [UInt8], with certificate: CertificateFacts) async -> Bool {
        guard let key = try? await key(of: certificate) else { return false }
        return (try? key.verify(Data(signature), signs: Data(bytes))) ?? false
    }

    private func key(of certificate: CertificateFacts) async throws -> any JWTAlgorithm {
        let pem = """
            -----BEGIN CERTIFICATE-----
            \(Data(certificate.der).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed]))
            -----END CERTIFICATE-----
            """
        let keys = JWTKeyCollection()
        switch self {
        case .rs256:
            await keys.add(rsa: try Insecure.RSA.PublicKey(certificatePEM: pem), digestAlgorithm: .sha256)
        case .ps256:
            await keys.add(pss: try Insecure.RSA.PublicKey(certificatePEM: pem), digestAlgorithm: .sha256)
        case .es256: await keys.add(ecdsa: try ES256PublicKey(certificate: pem))
        case .es384: await keys.add(ecdsa: try ES384PublicKey(certificate: pem))
        }
        return try await keys.getKey()
    }
}
