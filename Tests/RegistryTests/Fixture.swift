import Exchange
import Foundation
import Testing

@testable import Registry

/// A registry in a directory of its own, with a clock that stands still, and values to fill it with.
final class Fixture: Sendable {
    static let now = Date(timeIntervalSince1970: 1_700_000_000)

    let directory: URL
    let registry: Registry
    var path: String { directory.appendingPathComponent("registry.sqlite").path }

    init() throws {
        directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("registry-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let path = directory.appendingPathComponent("registry.sqlite").path
        registry = try Registry.create(at: path, clock: { Fixture.now })
    }

    deinit {
        try? FileManager.default.removeItem(at: directory)
    }

    /// Registers sender `index` with user `EXPsender<index>`.
    @discardableResult
    func sender(_ index: Int = 6400, user: String? = nil) throws -> SenderNumber {
        let sender = try newSender(index, user: user)
        try registry.register(sender)
        return sender.number
    }

    /// The channel of `kind` of one sender as stored.
    func channel(_ kind: ChannelKind, of number: SenderNumber) throws -> ChannelRecord {
        let record = try #require(try registry.sender(number))
        return try #require(record.channels.first { $0.kind == kind })
    }
}

func number(_ index: Int) throws -> SenderNumber {
    try #require(SenderNumber(String(index).leftPadded(to: 6)))
}

func newSender(_ index: Int, user: String? = nil) throws -> NewSender {
    NewSender(
        number: try number(index), user: try #require(TechnicalUser(user ?? "EXPsender\(index)")),
        name: "Sender \(index)", enterprise: try #require(EnterpriseNumber("0401234560")),
        nsso: NSSONumber("1234567-49"), email: "batch@example.be")
}

/// Plain values in the place of a certificate; the registry never parses one.
func certificate(_ seed: UInt8, isAuthority: Bool = false) throws -> CertificateFacts {
    let der = [UInt8](repeating: seed, count: 700)
    return CertificateFacts(
        der: der, fingerprint: try #require(Digest(sha256: der)), subject: "CN=Signer \(seed),O=Acmé",
        issuer: "CN=Authority", owner: "Signer \(seed)", company: seed.isMultiple(of: 2) ? nil : "Acmé",
        serialDecimal: "\(seed)", serialHexadecimal: "0A", notBefore: Fixture.now - 1000,
        notAfter: Fixture.now + 1000, keyKind: "EC", keyBits: 256, isAuthority: isAuthority)
}

func revocationList(
    _ seed: UInt8, number: String?, at time: Date, issuer: String = "CN=Authority"
) throws -> RevocationListFacts {
    RevocationListFacts(
        der: [seed, seed], fingerprint: try #require(Digest(sha256: [seed, seed])), issuer: issuer,
        number: number,
        thisUpdate: time, nextUpdate: time + 3600)
}

func key(_ seed: UInt8) throws -> SSHPublicKey {
    let algorithm = Array("ssh-ed25519".utf8)
    let point = [UInt8](repeating: seed, count: 32)
    return try SSHPublicKey(blob: [0, 0, 0, 11] + algorithm + [0, 0, 0, 32] + point)
}

func password(_ text: String = "Correct-Horse-9", for user: String) throws -> FTPPassword {
    try FTPPassword(text, for: try #require(TechnicalUser(user)))
}

func expectFault(
    _ code: RegistryFault.Code, location: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) {
    do {
        try body()
        Issue.record("nothing was refused", sourceLocation: location)
    } catch {
        #expect((error as? RegistryFault)?.code == code, sourceLocation: location)
        #expect((error as? RegistryFault)?.sentence.hasSuffix(".") == true, sourceLocation: location)
    }
}
