import Exchange
import Foundation
import Registry
import Testing

@testable import Pipeline

struct RightStageTests {
    private let directory: TemporaryDirectory
    private let registry: Registry
    private let stage: RightStage

    init() throws {
        directory = try TemporaryDirectory("right")
        registry = try Registry.create(at: directory.path("registry.sqlite"))
        stage = RightStage(catalogue: try Repository.catalogue())
        try registry.register(
            NewSender(
                number: Fixtures.sender(), user: #require(TechnicalUser("EXPacme")), name: "Acme",
                enterprise: #require(EnterpriseNumber("0401234560")), email: "batch@example.be"))
        let certificate = try Authorities().signer(.acme).certificate
        try registry.addChannel(
            NewChannel(kind: .sftp, certificates: [certificate], applications: ["dmfa"]),
            to: Fixtures.sender())
        try registry.addChannel(NewChannel(kind: .web, applications: ["dimona"]), to: Fixtures.sender())
    }

    private func codes(_ purpose: String, on channel: ChannelKind = .sftp, of sender: String = "006400")
        throws -> [Int]
    {
        let number = try Fixtures.sender(sender)
        let standing = try registry.standing(of: number, at: Date())
        let purpose = try #require(Purpose(purpose))
        return Fixtures.codes { () throws(StageFailure) in
            try stage.judge(purpose, of: number, on: channel, standing: .asked(standing))
        }
    }

    @Test func `an application held on the channel used gives the evidence`() throws {
        let standing = try registry.standing(of: Fixtures.sender(), at: Date())
        let purpose = try #require(Purpose("DMWA"))
        let evidence = try stage.judge(purpose, of: Fixtures.sender(), on: .sftp, standing: .asked(standing))
        #expect(evidence.application.code == "dmfa")
        #expect(evidence.rule.purpose == purpose)
        #expect(evidence.certificates?.count == 1)
        #expect(evidence.enterprise?.description == "0401234560")
    }

    @Test func `each refusal has its code`() throws {
        #expect(try codes("DMFA") == [])
        #expect(try codes("XYZW") == [154])
        #expect(try codes("PUBL") == [168])
        #expect(try codes("DIMN") == [249])
        #expect(try codes("DIMN", on: .web) == [])
        #expect(try codes("DMFA", on: .ftp) == [249])
        #expect(try codes("PUBL", on: .ftp) == [168])
    }

    @Test func `a sender nobody knows is refused with 103 alone`() throws {
        #expect(try codes("DMFA", of: "009999") == [103])
        #expect(try codes("XYZW", of: "009999") == [103, 154])
    }

    @Test func `a blocked sender is told everything that is wrong`() throws {
        try registry.setBlocked(true, Fixtures.sender())
        #expect(try codes("DMFA") == [103])
        #expect(try codes("PUBL") == [103, 168])
        #expect(try codes("DIMN") == [103, 249])
        try registry.setBlocked(false, Fixtures.sender())
        #expect(try codes("DMFA") == [])
    }

    @Test func `a dry run without a registry judges the purpose alone`() throws {
        let known = try #require(Purpose("DMFA"))
        let evidence = try stage.judge(known, of: Fixtures.sender(), on: .sftp, standing: .notAsked)
        #expect(evidence.certificates == nil && evidence.application.code == "dmfa")
        let unknown = try #require(Purpose("XYZW"))
        let sender = try Fixtures.sender()
        #expect(
            Fixtures.codes { () throws(StageFailure) in
                try stage.judge(unknown, of: sender, on: .sftp, standing: .notAsked)
            } == [154])
    }
}
