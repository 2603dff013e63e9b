import Exchange
import Foundation
import Logging
import Registry
import Synchronization
import Testing
import Validation

@testable import Channels
@testable import Pipeline

/// A registry with one authority, a registered certificate, and a refresher whose clocks a test turns.
final class Refreshing: Sendable {
    let authority: CertificateMint.Issuer
    let certificate: CertificateFacts
    let registry: Registry
    let refresher: StatusRefresher
    private let directory: TemporaryDirectory
    private let turned: Turned

    /// Seconds by which the clocks were turned.
    private final class Turned: Sendable {
        let seconds = Mutex<TimeInterval>(0)
        var time: Date { Date() + seconds.withLock { $0 } }
    }

    static let day: TimeInterval = 86_400

    init(_ fetcher: any StatusFetcher) throws {
        directory = try TemporaryDirectory("refreshing")
        authority = try Refreshing.authority("Accepted Authority")
        certificate = try Refreshing.certificate("Signer", under: authority)
        let turned = Turned()
        self.turned = turned
        registry = try Registry.create(at: directory.path("registry.sqlite"), clock: { turned.time })
        try registry.addAuthority(authority.certificate)
        let sender = try #require(SenderNumber("006400"))
        try registry.register(
            NewSender(
                number: sender, user: #require(TechnicalUser("EXPacme")), name: "Acme",
                enterprise: #require(EnterpriseNumber("0401234560")), nsso: nil))
        try registry.addChannel(
            NewChannel(kind: .sftp, certificates: [certificate], keys: [], applications: ["dmfa"]), to: sender
        )
        refresher = StatusRefresher(
            registry: registry, fetcher: fetcher, policy: RefreshPolicy(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            clock: RefreshClock(
                time: { turned.time },
                // Stands still unless it is turned, so that no pause ends by itself.
                seconds: { turned.seconds.withLock { $0 } }))
    }

    /// By both clocks of the refresher, and that of the registry.
    var now: Date { turned.time }

    func turn(_ seconds: TimeInterval) { turned.seconds.withLock { $0 += seconds } }

    func setSource(_ kind: StatusSource.Kind, _ url: String, ageLimit: TimeInterval = day) throws {
        let source = try #require(StatusSource(kind, url: url, ageLimit: ageLimit))
        try registrar.setSource(source, of: authority.certificate.fingerprint)
    }

    var registrar: Registrar {
        Registrar(registry: registry, catalogue: ApplicationCatalogue([]), time: now)
    }

    /// What a decision would find of `certificate` now.
    func verdict(on certificate: CertificateFacts? = nil) throws -> Result<ChainEvidence, ChainFault> {
        let trust = try TrustSource(registry: registry, refresher: refresher).current()
        return Result { () throws(ChainFault) in
            try trust.judge(certificate ?? self.certificate, intermediates: [], at: now)
        }
    }

    func isGood(_ certificate: CertificateFacts? = nil) throws -> Bool {
        if case .success = try verdict(on: certificate) { return true }
        return false
    }

    func isUnknown(_ certificate: CertificateFacts? = nil) throws -> Bool {
        if case .failure(.revocationUnknown) = try verdict(on: certificate) { return true }
        return false
    }

    func isRevoked(_ certificate: CertificateFacts? = nil) throws -> Bool {
        if case .failure(.certificate(.revoked)) = try verdict(on: certificate) { return true }
        return false
    }

    /// A list of the authority, in DER.
    func list(
        _ number: Int, revoking: [CertificateFacts] = [], by issuer: CertificateMint.Issuer? = nil,
        from: TimeInterval = -3600, until: TimeInterval? = 10 * day
    ) throws -> [UInt8] {
        let revoked = try revoking.map {
            (serial: try #require([UInt8](hexadecimalText: $0.serialHexadecimal)), at: now - 60)
        }
        return try CertificateMint.revocationList(
            .init(
                revoked: revoked, number: number, thisUpdate: now + from + Double(number),
                nextUpdate: until.map { now + $0 }),
            issuer: issuer ?? authority
        ).der
    }

    static func authority(_ name: String) throws -> CertificateMint.Issuer {
        let key = try CertificateMint.key(.p256)
        let request = CertificateMint.Request(
            commonName: name, notBefore: Date() - 1000 * day, notAfter: Date() + 1000 * day, isAuthority: true
        )
        return CertificateMint.Issuer(
            certificate: try CertificateMint.certificate(request, key: key), key: key)
    }

    static func certificate(_ name: String, under issuer: CertificateMint.Issuer) throws -> CertificateFacts {
        try CertificateMint.certificate(
            .init(commonName: name, notBefore: Date() - 10 * day, notAfter: Date() + 300 * day),
            key: CertificateMint.key(.p256), issuer: issuer)
    }
}

extension [UInt8] {
    /// Two digits each; nil when they are no such digits.
    init?(hexadecimalText text: String) {
        let digits = Array<Character>(text)
        guard digits.count.isMultiple(of: 2) else { return nil }
        self = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let byte = UInt8(String(digits[index...index + 1]), radix: 16) else { return nil }
            append(byte)
        }
    }
}

/// What a test lets a source give, and what was asked of it.
final class ScriptedSource: StatusFetcher {
    typealias Script = @Sendable (_ request: [UInt8]?) throws -> [UInt8]

    private let script = Mutex<Script>(ScriptedSource.down)
    private let asked = Mutex(0)

    static let down: Script = { _ in throw StatusFault("It is down.") }

    var requests: Int { asked.withLock { $0 } }

    func become(_ script: @escaping Script) {
        self.script.withLock { $0 = script }
    }

    func list(at url: String) throws(StatusFault) -> [UInt8] { try give(nil) }

    func answer(to request: [UInt8], at url: String) throws(StatusFault) -> [UInt8] { try give(request) }

    private func give(_ request: [UInt8]?) throws(StatusFault) -> [UInt8] {
        asked.withLock { $0 += 1 }
        let script = script.withLock { $0 }
        do {
            return try script(request)
        } catch {
            throw error as? StatusFault ?? StatusFault("\(error)")
        }
    }
}
