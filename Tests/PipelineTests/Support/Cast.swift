import Exchange
import Foundation
import Registry
import Testing

/// The senders and signers of one case, registered in its world under numbers of their own.
struct Cast: Sendable {
    let sender: SenderNumber
    let other: SenderNumber
    private let signers: [SignerKind: TestSigner]

    init(in world: World) throws {
        sender = try world.newNumber()
        other = try world.newNumber()
        var signers: [SignerKind: TestSigner] = [:]
        for kind in SignerKind.allCases { signers[kind] = try world.authorities.signer(kind) }
        self.signers = signers
        let certificates = try SignerKind.registered.map { try #require(signers[$0]).certificate }
        try register(sender, in: world.registry)
        // `site` is held on another channel only, `publiato` on none.
        try world.registry.addChannel(
            NewChannel(
                kind: .sftp, certificates: certificates, keys: [],
                applications: ["dmfa", "dimona", "drs", "ecaro", "trial"]),
            to: sender)
        try world.registry.addChannel(
            NewChannel(kind: .web, certificates: [self[.acme].certificate], applications: ["site"]),
            to: sender)
        try world.registry.addChannel(
            NewChannel(kind: .folder, certificates: [self[.folder].certificate], applications: ["dmfa"]),
            to: sender)
        try world.registry.revokeCertificate(
            self[.withdrawn].certificate.fingerprint, of: sender, at: Date() - 3600)
        try register(other, in: world.registry)
        try world.registry.addChannel(
            NewChannel(kind: .sftp, certificates: [self[.other].certificate], applications: ["dmfa"]),
            to: other)
    }

    subscript(kind: SignerKind) -> TestSigner {
        guard let signer = signers[kind] else { preconditionFailure("every kind has a signer") }
        return signer
    }

    private func register(_ number: SenderNumber, in registry: Registry) throws {
        try registry.register(
            NewSender(
                number: number, user: #require(TechnicalUser("EXPcase\(number)")), name: "Case \(number)",
                enterprise: #require(EnterpriseNumber("0401234560")), email: "batch@example.be"))
    }
}
