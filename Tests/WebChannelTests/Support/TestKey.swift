import Exchange
import Foundation

import struct Crypto.SHA256

/// A key and its self-signed certificate, minted by openssl.
struct TestKey: Sendable {
    enum Kind: String, Sendable, CaseIterable {
        case rsa = "RSA"
        case p256 = "EC-256"
        case p384 = "EC-384"

        var options: [String] {
            switch self {
            case .rsa: ["-newkey", "rsa:2048"]
            case .p256: ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
            case .p384: ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp384r1"]
            }
        }
    }

    let kind: Kind
    /// PEM.
    let keyFile: String
    /// PEM.
    let certificateFile: String
    let certificate: CertificateFacts
    private let scratch: Scratch

    static func mint(_ kind: Kind = .p256, for name: String = "Bureau social fictif") async throws -> TestKey
    {
        try await Gate.keys.passing { try await make(kind, for: name) }
    }

    private static func make(_ kind: Kind, for name: String) async throws -> TestKey {
        let scratch = try Scratch()
        let key = scratch.file("key.pem")
        let certificate = scratch.file("certificate.pem")
        try await Program.need(
            "openssl",
            [
                "req", "-x509", "-nodes", "-days", "30", "-subj", "/O=\(name)/CN=\(name)", "-keyout", key,
                "-out", certificate,
            ]
                + ["-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"] + kind.options)
        let der = try await Program.need("openssl", ["x509", "-in", certificate, "-outform", "der"])
        guard let fingerprint = Digest(SHA256.hash(data: der)) else {
            throw Program.Fault(description: "SHA-256 is not 32 bytes")
        }
        return TestKey(
            kind: kind, keyFile: key, certificateFile: certificate,
            certificate: facts(der, fingerprint, of: name, kind), scratch: scratch)
    }

    private static func facts(
        _ der: [UInt8], _ fingerprint: Digest, of name: String, _ kind: Kind
    ) -> CertificateFacts {
        CertificateFacts(
            der: der, fingerprint: fingerprint, subject: "CN=\(name),O=\(name)",
            issuer: "CN=\(name),O=\(name)", owner: name, company: name, serialDecimal: "1",
            serialHexadecimal: "01",
            notBefore: Date(timeIntervalSinceNow: -60), notAfter: Date(timeIntervalSinceNow: 30 * 86_400),
            keyKind: kind == .rsa ? "RSA" : "EC", keyBits: kind == .rsa ? 2048 : kind == .p256 ? 256 : 384,
            isAuthority: true)
    }
}
