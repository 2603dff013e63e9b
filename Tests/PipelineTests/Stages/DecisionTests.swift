import Exchange
import Foundation
import Registry
import Testing

@testable import Pipeline
@testable import Validation

/// The phases together: their order, and that they all judge the same bytes.
struct DecisionTests {
    private let directory: TemporaryDirectory
    private let registry: Registry
    private let authorities: Authorities
    private let signer: TestSigner
    private let now = Date()

    init() throws {
        directory = try TemporaryDirectory("decision")
        registry = try Registry.create(at: directory.path("registry.sqlite"))
        authorities = try Authorities()
        signer = try authorities.signer(.acme)
        try registry.register(
            NewSender(
                number: Fixtures.sender(), user: #require(TechnicalUser("EXPacme")), name: "Acme",
                enterprise: #require(EnterpriseNumber("0401234560")), email: "batch@example.be"))
        try registry.addChannel(
            NewChannel(kind: .sftp, certificates: [signer.certificate], applications: ["dmfa"]),
            to: Fixtures.sender())
    }

    private var stem: String { "DMFA.006400.\(now.calendarDate.compact).00001.R.1" }

    /// A set of one FI and its FS that lies in the test's directory.
    private func set(_ declaration: [UInt8], _ signature: [UInt8]) throws -> SealedSet {
        let files = [("FI.\(stem).1", declaration), ("FS.\(stem).1", signature)]
        let parts = try files.map { name, bytes in
            try directory.write(name, bytes)
            return SealedSet.Part(
                name: try Fixtures.name(name), size: Int64(bytes.count), digest: Digest(ofSHA256: bytes))
        }
        return SealedSet(
            ticket: Fixtures.ticket(), sender: try Fixtures.sender(), channel: .sftp, mailbox: .incoming,
            receivedAt: now, name: try Fixtures.name("GO.\(stem)"), hasTrigger: true, parts: parts)
    }

    private func decide(_ set: SealedSet, _ inputs: Inputs) throws -> DecisionRecord {
        let ground = DecisionGround(
            policy: DecisionPolicy(), catalogue: try Repository.catalogue(),
            schemas: try Repository.schemas.get(),
            documentLimits: DocumentLimits(), signaturePolicy: SignaturePolicy())
        let trust = try TrustStore(
            authorities: [authorities.accepted.certificate], revocationLists: [authorities.revocationList])
        return try Decision(
            ground: ground, trust: trust, examiner: LocalExaminer(), inputs: inputs, time: now
        ).decide(set)
    }

    private var inputs: Inputs { Inputs(directory: directory.path, registry: registry, asked: Asked()) }

    @Test func `a good set passes all phases in their order`() throws {
        let document = try Repository.document("dmfa.xml")
        let record = try decide(set(document, signer.signer.sign(document)), inputs)
        #expect(record.verdict == .accepted)
        #expect(record.checks.map(\.phase) == ["name", "set", "right", "signature", "document"])
        #expect(record.checks.allSatisfy { $0.verdict == .passed })
        #expect(record.signatures.map(\.certificate) == [signer.certificate.fingerprint])
        #expect(record.documents.map(\.forms) == [["DMFA": 1]])
    }

    @Test func `broken XML is found when the signature is right`() throws {
        let broken = Array("<DmfAOriginal><".utf8)
        let record = try decide(set(broken, signer.signer.sign(broken)), inputs)
        #expect(record.codes.contains(.notWellFormed))
    }

    @Test func `nothing parses the XML of a set whose signature is wrong`() throws {
        let broken = Array("<DmfAOriginal><".utf8)
        let record = try decide(set(broken, signer.signer.sign(broken + [0x20])), inputs)
        #expect(record.codes == [.signatureInvalid])
        #expect(record.checks.map(\.verdict) == [.passed, .passed, .passed, .refused, .skipped])
        #expect(record.documents.isEmpty)
    }

    @Test func `no file of a sender without a right is opened`() throws {
        try registry.setBlocked(true, Fixtures.sender())
        let inputs = inputs
        let record = try decide(set([0x3C], [0x3C]), inputs)
        #expect(record.codes == [.senderNotAuthorised])
        #expect(inputs.asked.paths == 0)
        #expect(record.checks.map(\.verdict) == [.passed, .passed, .refused, .skipped, .skipped])
    }

    @Test func `the registry is not asked about a set that is not whole`() throws {
        let whole = try set([0x3C], [0x3C])
        let half = SealedSet(
            ticket: whole.ticket, sender: whole.sender, channel: .sftp, mailbox: .incoming, receivedAt: now,
            name: whole.name, hasTrigger: true, parts: Array(whole.parts.prefix(1)))
        let inputs = inputs
        #expect(try decide(half, inputs).codes == [.signatureCount])
        #expect(inputs.asked.standings == 0 && inputs.asked.paths == 0)
    }

    @Test func `bytes that are not those that were sealed are a deferral`() throws {
        let document = try Repository.document("dmfa.xml")
        let sealed = try set(document, signer.signer.sign(document))
        let other = try Repository.document("dmfa-other.xml")
        _ = try set(other, signer.signer.sign(other))
        #expect(throws: Deferral(.bytesChanged, "The held bytes are not those that were sealed.")) {
            try decide(sealed, inputs)
        }
    }

    @Test func `a held file that is gone is a deferral, never a refusal`() throws {
        let document = try Repository.document("dmfa.xml")
        let sealed = try set(document, signer.signer.sign(document))
        try FileManager.default.removeItem(atPath: directory.path("FI.\(stem).1"))
        let deferral = #expect(throws: Deferral.self) { try decide(sealed, inputs) }
        #expect(deferral?.reason == .diskFault)
    }

    @Test func `a revocation list past its time is a deferral`() throws {
        let stale = try CertificateMint.revocationList(
            .init(revoked: [], number: 2, thisUpdate: now - 7200, nextUpdate: now - 3600),
            issuer: authorities.accepted)
        let document = try Repository.document("dmfa.xml")
        let sealed = try set(document, signer.signer.sign(document))
        let trust = try TrustStore(authorities: [authorities.accepted.certificate], revocationLists: [stale])
        let ground = DecisionGround(
            policy: DecisionPolicy(), catalogue: try Repository.catalogue(),
            schemas: try Repository.schemas.get(),
            documentLimits: DocumentLimits(), signaturePolicy: SignaturePolicy())
        let deferral = #expect(throws: Deferral.self) {
            try Decision(ground: ground, trust: trust, examiner: LocalExaminer(), inputs: inputs, time: now)
                .decide(sealed)
        }
        #expect(deferral?.reason == .revocationUnknown)
    }
}

/// What a decision asked for; used on one thread.
private final class Asked: @unchecked Sendable {
    var paths = 0
    var standings = 0
}

private struct Inputs: DecisionInputs {
    let directory: String
    let registry: Registry
    let asked: Asked

    func accepted(
        named: FileName, by: SenderNumber
    ) throws(StageFailure) -> (ticket: Ticket, parts: [SealedSet.Part])? { nil }

    func standing(of sender: SenderNumber, at time: Date) throws(StageFailure) -> Standing {
        asked.standings += 1
        do {
            return .asked(try registry.standing(of: sender, at: time))
        } catch {
            throw .deferred(Deferral(.registryUnavailable, error.sentence))
        }
    }

    func path(of part: SealedSet.Part, in ticket: Ticket) -> String {
        asked.paths += 1
        return directory + "/" + part.name.escaped
    }
}
