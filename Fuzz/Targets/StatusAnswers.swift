internal import Exchange
internal import Foundation

@testable internal import Validation

extension FuzzTarget {
    /// What comes over the network for the answer of an OCSP responder.
    ///
    /// Proves: bytes are a status or a fault that can be shown; a status is of the certificate asked about, by its
    /// authority, and of a time that has come.
    static let statusAnswers = FuzzTarget(
        name: "status-answers", longest: 8192,
        seeds: { [Material.bytes("status.der"), Material.bytes("status-unknown.der")] },
        prepare: acceptSoundAnswer
    ) { input in
        guard let status = read(input, by: query) else { return }
        hold(status.thisUpdate <= now + 3600, "a status of the future")
        hold(status.fetchedAt == now, "another time of learning")
        hold(read(input, by: other) == nil, "a status of another certificate")
        hold(read(input, by: stranger) == nil, "a status by another authority")
    }

    @Sendable private static func acceptSoundAnswer() {
        hold(read(Material.bytes("status.der"), by: query) != nil, "a sound answer is refused")
    }

    private static let now = Date()
    nonisolated(unsafe) private static let query = question("signer.pem", under: "authority.pem")
    nonisolated(unsafe) private static let other = question("ec.pem", under: "authority.pem")
    nonisolated(unsafe) private static let stranger = question("signer.pem", under: "ec.pem")

    private static func question(_ certificate: String, under authority: String) -> StatusQuery {
        guard let subject = try? CertificateFacts.read(Material.bytes(certificate)),
            let issuer = try? CertificateFacts.read(Material.bytes(authority)),
            let query = try? StatusQuery(serial: subject.serialHexadecimal, issuer: issuer)
        else { fatalError("no question") }
        return query
    }

    private static func read(_ answer: [UInt8], by query: StatusQuery) -> CertificateStatus? {
        do throws(StatusFault) {
            return try query.read(answer, ageLimit: 86_400 * 60, at: now)
        } catch {
            hold(!error.sentence.contains("\n") && !error.sentence.isEmpty, "a fault that cannot be shown")
            return nil
        }
    }
}
