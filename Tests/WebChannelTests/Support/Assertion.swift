import Crypto
import Foundation

/// Client assertions, right ones and wrong ones.
struct Assertion {
    var algorithm: String
    var header: [String: Any] = [:]
    var claims: [String: Any]

    init(of sender: String, for audience: String, algorithm: String = "ES256", now: Date = Date()) {
        let client = "ecluse_\(sender)_x7"
        let seconds = Int(now.timeIntervalSince1970)
        self.algorithm = algorithm
        claims = [
            "iss": client, "sub": client, "aud": audience, "jti": UUID().uuidString, "iat": seconds,
            "exp": seconds + 290,
        ]
    }

    /// In compact form, signed as the algorithm says.
    func signed(by key: TestKey) async throws -> String {
        let text = try unsigned
        return text + "." + Assertion.text(of: try await signature(of: Array(text.utf8), key))
    }

    private var unsigned: String {
        get throws {
            let header = header.merging(["alg": algorithm, "typ": "JWT"]) { given, _ in given }
            return try [header, claims].map {
                Assertion.text(of: try JSONSerialization.data(withJSONObject: $0))
            }.joined(separator: ".")
        }
    }

    private func signature(of bytes: [UInt8], _ key: TestKey) async throws -> Data {
        switch algorithm {
        case "RS256":
            return Data(
                try await Program.need("openssl", ["dgst", "-sha256", "-sign", key.keyFile], input: bytes))
        case "PS256":
            let padding = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"]
            return Data(
                try await Program.need(
                    "openssl", ["dgst", "-sha256", "-sign", key.keyFile] + padding, input: bytes))
        case "ES256":
            let pem = try String(contentsOfFile: key.keyFile, encoding: .utf8)
            return try P256.Signing.PrivateKey(pemRepresentation: pem).signature(for: bytes).rawRepresentation
        case "ES384":
            let pem = try String(contentsOfFile: key.keyFile, encoding: .utf8)
            return try P384.Signing.PrivateKey(pemRepresentation: pem).signature(for: bytes).rawRepresentation
        case "HS256":
            // The public certificate as the secret: what a verifier falls for that believes the header.
            let secret = try Data(contentsOf: URL(fileURLWithPath: key.certificateFile))
            return Data(HMAC<SHA256>.authenticationCode(for: bytes, using: SymmetricKey(data: secret)))
        default: return Data()
        }
    }

    static func text(of bytes: some Sequence<UInt8>) -> String {
        Data(bytes).base64EncodedString().replacingOccurrences(of: "+", with: "-")
            .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
    }
}
