internal import Foundation

/// A key and a certificate signed with it, for `localhost`, `127.0.0.1` and `::1` and two days.
public struct TLSIdentity: Sendable {
    public let certificatePath: String
    public let keyPath: String

    /// What kind of key, in the words of `openssl req`.
    public enum KeyKind: Sendable {
        case p256
        case rsa

        fileprivate var arguments: [String] {
            switch self {
            case .p256: ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
            case .rsa: ["-newkey", "rsa:2048"]
            }
        }
    }

    /// Mints both in `directory` with the `openssl` program.
    public static func mint(
        in directory: String, name: String = "server", key: KeyKind = .p256
    ) throws -> TLSIdentity {
        let identity = TLSIdentity(
            certificatePath: "\(directory)/\(name).pem", keyPath: "\(directory)/\(name).key")
        try ServerTool.run(
            ServerTool.find(["openssl"]),
            ["req", "-x509"] + key.arguments + [
                "-nodes", "-days", "2", "-subj", "/CN=localhost",
                "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1",
                "-keyout", identity.keyPath, "-out", identity.certificatePath,
            ], in: directory)
        return identity
    }

    /// The public key in the form clients pin it: `sha256//` and its digest in base64.
    public func pinnedKey() throws -> String { try TLSIdentity.pinnedKey(of: certificatePath) }

    public static func pinnedKey(of certificatePath: String) throws -> String {
        let digest = certificatePath + ".pin"
        let openssl = try ServerTool.find(["openssl"])
        let pipe = """
            "$0" x509 -in "$1" -noout -pubkey | "$0" pkey -pubin -outform der \
            | "$0" dgst -sha256 -binary | "$0" base64 > "$2"
            """
        let directory = URL(fileURLWithPath: certificatePath).deletingLastPathComponent().path
        try ServerTool.run("/bin/sh", ["-c", pipe, openssl, certificatePath, digest], in: directory)
        let text = try String(contentsOfFile: digest, encoding: .utf8)
        return "sha256//" + text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
