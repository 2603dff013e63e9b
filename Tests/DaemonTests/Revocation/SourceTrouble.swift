import Exchange
import Foundation
import Synchronization
import TestServers
import Validation

/// An authority whose source of statuses is down, slow or lies until it is mended, and a sender whose certificate it
/// issued.
struct SourceTrouble {
    let sender: Sender
    /// Words of the log.
    let fault: String
    let mend: () throws -> Void

    /// - Parameter list: what is published; nil for nothing at all.
    static func list(
        _ name: String, _ fault: String, _ instance: Instance, _ lists: ListServer,
        _ list: (Authority) throws -> [UInt8]?
    ) throws -> SourceTrouble {
        let authority = try instance.accept(name)
        if let bytes = try list(authority) { try lists.publish(bytes, name) }
        try instance.learn(authority, "--crl-url", lists.url(name))
        return SourceTrouble(sender: try instance.enrol(of: authority), fault: fault) {
            try lists.publish(authority.list(revoking: [], number: 9, until: Date() + 3600), name)
        }
    }

    /// Nobody listens, or somebody who signs with a key of his own.
    static func responder(_ name: String, _ instance: Instance, isFalse: Bool) throws -> SourceTrouble {
        let authority = try instance.accept(name)
        let sender = try instance.enrol(of: authority)
        let responder = try OCSPResponder(authority)
        responder.set(sender.signatory)
        if isFalse { try responder.start(signedBy: Authority(name)) }
        try instance.learn(authority, "--ocsp-url", responder.url)
        let fault = isFalse ? "not signed by the authority, nor by a delegate" : responder.url
        return SourceTrouble(sender: sender, fault: fault, mend: { try responder.start() })
    }

    /// A web server that does what it is told in place of an answer.
    ///
    /// - Parameter fault: the address of the server unless told.
    static func server(
        _ name: String, says fault: String? = nil, _ instance: Instance,
        _ reply: @escaping @Sendable (OCSPResponder) -> ScriptedHTTPServer.Reply
    ) throws -> SourceTrouble {
        let authority = try instance.accept(name)
        let sender = try instance.enrol(of: authority)
        let responder = try OCSPResponder(authority)
        responder.set(sender.signatory)
        let state = Switch()
        let server = try ScriptedHTTPServer { request in
            guard state.isOn.withLock({ $0 }) else { return reply(responder) }
            return .answer(status: 200, body: (try? responder.answer(to: request.body)) ?? [])
        }
        try instance.learn(authority, "--ocsp-url", server.url)
        return SourceTrouble(sender: sender, fault: fault ?? server.url) {
            // Holds the server until then.
            _ = server.port
            state.isOn.withLock { $0 = true }
        }
    }

    private final class Switch: Sendable {
        let isOn = Mutex(false)
    }
}

extension Instance {
    /// A new authority, accepted.
    func accept(_ name: String) throws -> Authority {
        let authority = try Authority(name)
        try must("trust", "add", scratch.write(authority.pem, to: "\(UUID().uuidString).pem"))
        return authority
    }

    /// Sets the source of an authority's statuses, with the shortest age limit there is.
    func learn(_ authority: Authority, _ option: String, _ url: String) throws {
        let fingerprint = authority.issuer.certificate.fingerprint.description
        try must("trust", "source", fingerprint, option, url, "--age-limit", "1 min")
    }
}
