import Exchange
import Foundation
import Synchronization
import Validation

/// What a responder needs: an authority with its key in files, its index, and `openssl ocsp` to make the answers.
///
/// Answers are made in this process' name, by a program that ends; `ScriptedHTTPServer` brings them.
final class Responder: Sendable {
    let authority: CertificateMint.Issuer
    private let directory: TemporaryDirectory
    /// Good, or revoked since; others are unknown.
    private let index = Mutex<[(certificate: CertificateFacts, revokedAt: Date?)]>([])
    /// One `openssl` at a time: they share files.
    private let turn = Mutex(0)

    init(_ authority: CertificateMint.Issuer) throws {
        self.authority = authority
        directory = try TemporaryDirectory("responder")
        try directory.write("root.pem", CertificateMint.pem(authority.certificate))
        try directory.write("root.key", authority.key.pem())
    }

    func set(_ certificate: CertificateFacts, revokedAt: Date? = nil) {
        index.withLock { index in
            index.removeAll { $0.certificate == certificate }
            index.append((certificate, revokedAt))
        }
    }

    /// - Parameter signer: signs in place of the authority.
    func answer(to request: [UInt8], by signer: CertificateMint.Issuer? = nil) throws -> [UInt8] {
        let lines = index.withLock { $0.map(Responder.line) }
        return try turn.withLock { _ in
            try directory.write("index", Array((lines.joined(separator: "\n") + "\n").utf8))
            try directory.write("request", request)
            try directory.write("signer.pem", CertificateMint.pem((signer ?? authority).certificate))
            try directory.write("signer.key", (signer ?? authority).key.pem())
            try OpenSSLCommand.run(
                [
                    "ocsp", "-index", "index", "-CA", "root.pem", "-rsigner", "signer.pem", "-rkey",
                    "signer.key",
                    "-nmin", "600", "-reqin", "request", "-respout", "answer",
                ], in: directory)
            return Array(try Data(contentsOf: URL(fileURLWithPath: directory.path("answer"))))
        }
    }

    private static func line(_ certificate: CertificateFacts, _ revokedAt: Date?) -> String {
        let format = DateFormatter()
        format.dateFormat = "yyMMddHHmmss'Z'"
        format.timeZone = .gmt
        format.locale = Locale(identifier: "en_US_POSIX")
        let state = revokedAt == nil ? "V" : "R"
        let (end, serial) = (format.string(from: certificate.notAfter), certificate.serialHexadecimal)
        let revoked = revokedAt.map { format.string(from: $0) } ?? ""
        // No two may have the same name.
        return "\(state)\t\(end)\t\(revoked)\t\(serial)\tunknown\t/CN=\(serial)"
    }
}
