import Exchange
import Foundation
import Synchronization
import TestServers
import Validation

/// `openssl ocsp`, as the responder of an authority on a port of the loopback address or answering what it is handed.
final class OCSPResponder: Sendable {
    let authority: Authority
    let port = freePort()
    private let scratch: Scratch
    private let state = Mutex<(entries: [String: String], process: ServerProcess?)>(([:], nil))

    init(_ authority: Authority) throws {
        self.authority = authority
        scratch = try Scratch()
        _ = try scratch.write(authority.pem, to: "authority.pem")
    }

    var url: String { "http://127.0.0.1:\(port)/" }

    /// Certificates that were never set are unknown. Counts from the next start on.
    func set(_ signatory: Signatory, isRevoked: Bool = false) {
        let format = DateFormatter()
        format.dateFormat = "yyMMddHHmmss'Z'"
        format.timeZone = .gmt
        format.locale = Locale(identifier: "en_US_POSIX")
        let certificate = signatory.certificate
        let end = format.string(from: certificate.notAfter)
        let revoked = isRevoked ? format.string(from: Date() - 60) : ""
        let serial = certificate.serialHexadecimal
        let line = "\(isRevoked ? "R" : "V")\t\(end)\t\(revoked)\t\(serial)\tunknown\t/CN=\(serial)\n"
        state.withLock { $0.entries[serial] = line }
    }

    /// Listens, in place of what listened before.
    ///
    /// - Parameter liar: signs in place of the authority.
    func start(signedBy liar: Authority? = nil) throws {
        stop()
        let process = try ServerProcess(
            "/usr/bin/env", ["openssl"] + options(signedBy: liar) + ["-port", "\(port)", "-ignore_err"],
            log: scratch.file("log"))
        // It is not asked by connecting: one connection without a request keeps it busy for ever.
        guard eventually({ process.log.contains("waiting for OCSP client") || !process.isRunning }),
            process.isRunning
        else { throw Program.Fault(description: "no responder: \(process.log)") }
        state.withLock { $0.process = process }
    }

    func stop() {
        state.withLock { state in
            state.process?.stop()
            state.process = nil
        }
    }

    /// Answers one request, without a port.
    func answer(to request: [UInt8]) throws -> [UInt8] {
        let name = UUID().uuidString
        let given = try scratch.write(request, to: name + ".request")
        let answer = scratch.file(name + ".answer")
        try Program.need("openssl", try options() + ["-reqin", given, "-respout", answer])
        return try bytes(of: answer)
    }

    /// A right answer, about another certificate than anybody asked for.
    func answerAboutAnother() throws -> [UInt8] {
        let request = scratch.file(UUID().uuidString)
        try Program.need(
            "openssl",
            [
                "ocsp", "-issuer", scratch.file("authority.pem"), "-serial", "4711", "-no_nonce", "-reqout",
                request,
            ])
        return try answer(to: bytes(of: request))
    }

    /// The index is written anew, under a name of its own.
    private func options(signedBy liar: Authority? = nil) throws -> [String] {
        let signer = (liar ?? authority).issuer
        let index = state.withLock { $0.entries.values.sorted().joined() }
        let name = UUID().uuidString
        return [
            "ocsp", "-index", try scratch.write(index.utf8, to: name + ".index"), "-CA",
            scratch.file("authority.pem"),
            "-rsigner", try scratch.write(CertificateMint.pem(signer.certificate), to: name + ".pem"),
            "-rkey",
            try scratch.write(signer.key.pem(), to: name + ".key"), "-nmin", "60",
        ]
    }
}
