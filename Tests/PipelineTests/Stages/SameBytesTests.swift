import Exchange
import Foundation
import Registry
import Testing

@testable import Pipeline
@testable import Validation

struct SameBytesTests {
    private let set: SealedSet
    private let complete: CompleteSet
    private let record: DecisionRecord
    private let authorisation: Authorisation

    init() throws {
        let accepted = try Evidence.accepted()
        (set, record) = (accepted.set, accepted.record)
        let named = try NameStage(policy: DecisionPolicy(), today: #require(Fixtures.today)).judge(
            accepted.set)
        guard
            case .complete(let complete) = try SetStage(policy: DecisionPolicy(), accepted: nil).judge(
                named, of: set)
        else { throw CorpusFault(sentence: "the set is whole") }
        self.complete = complete
        authorisation = try SameBytesTests.authorisation(accepted.signers.map(\.certificate))
    }

    private static func authorisation(_ certificates: [CertificateFacts]) throws -> Authorisation {
        let directory = try TemporaryDirectory("same")
        let registry = try Registry.create(at: directory.path("registry.sqlite"))
        let number = try Fixtures.sender()
        try registry.register(
            NewSender(
                number: number, user: #require(TechnicalUser("EXPacme")), name: "Acme",
                enterprise: #require(EnterpriseNumber("0401234560")), email: "batch@example.be"))
        try registry.addChannel(
            NewChannel(kind: .sftp, certificates: certificates, applications: ["dmfa"]), to: number)
        let standing = try registry.standing(of: number, at: Date())
        return try RightStage(catalogue: Repository.catalogue())
            .judge(#require(Purpose("DMFA")), of: number, on: .sftp, standing: .asked(standing))
    }

    private func isRefusedAsChanged(_ signatures: [VerifiedSignature], _ documents: [CheckedDocument]) -> Bool
    {
        do {
            try DecisionTrail.requireSameBytes(complete, signatures, documents, under: authorisation)
            return false
        } catch {
            guard case .deferred(let deferral) = error else { return false }
            return deferral.reason == .bytesChanged
        }
    }

    @Test func `evidence over the sealed bytes is taken`() {
        #expect(!isRefusedAsChanged(record.signatures, record.documents))
    }

    @Test func `a document of other bytes is not taken`() throws {
        let other = [record.documents[0], Evidence.document(try Fixtures.digest(99))]
        #expect(isRefusedAsChanged(record.signatures, other))
    }

    @Test func `evidence that is missing, doubled or in another order is not taken`() {
        #expect(isRefusedAsChanged(record.signatures, [record.documents[0]]))
        #expect(isRefusedAsChanged([record.signatures[0]], record.documents))
        #expect(isRefusedAsChanged([], record.documents))
        #expect(isRefusedAsChanged(record.signatures, record.documents.reversed()))
        #expect(isRefusedAsChanged(record.signatures.reversed(), record.documents))
        #expect(isRefusedAsChanged(record.signatures, record.documents + [record.documents[0]]))
    }

    @Test func `a signature over other bytes, or of another file, is not taken`() throws {
        let signer = try Authorities().signer(.acme)
        let first = record.signatures[0]
        let otherPayload = try Evidence.signature(Fixtures.digest(99), first.signatureDigest, by: signer)
        let otherFile = try Evidence.signature(first.payloadDigest, Fixtures.digest(99), by: signer)
        #expect(isRefusedAsChanged([otherPayload, record.signatures[1]], record.documents))
        #expect(isRefusedAsChanged([otherFile, record.signatures[1]], record.documents))
    }
}
