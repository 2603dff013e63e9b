import Channels
import Exchange
import Foundation
import TestServers
import Testing
import Validation

@testable import SenderClient

@Suite struct WebSubmissionTests {
    private let signet: Signet
    private let key: SigningKey

    init() throws {
        signet = try Signet()
        key = try KeyFile.read(signet.senderKeyPEM, passphrase: nil).key
    }

    private func service(
        _ mishaps: String..., codes: [String] = [], callers: String? = nil
    ) throws -> TestWebService {
        try TestWebService(
            signet, receiverKey: signet.receiverKeyPEM, mishaps: mishaps, codes: codes, callers: callers)
    }

    private func settings(_ service: TestWebService) -> WebSettings {
        var web = WebSettings(
            base: service.base, proof: .assertion(key, clientID: WebSettings.usualClientID(of: "006400")))
        web.trust = CurlTrust(authoritiesFile: service.identity.certificatePath)
        return web
    }

    private func run(
        _ sets: [OutgoingSet], at web: WebSettings, _ change: (inout SubmissionSettings) -> Void = { _ in }
    ) -> [SetVerdict] {
        var settings = SubmissionSettings()
        settings.trust = .pinned([signet.receiver])
        change(&settings)
        return WebSubmission(to: web, settings: settings, screen: .silent).run(sets) { _ in }.map(\.verdict)
    }

    private func bytes(of set: OutgoingSet) -> [String: Data] {
        Dictionary(
            uniqueKeysWithValues: set.files.map { file in
                guard case .bytes(let bytes) = file.content else { return (file.name.escaped, Data()) }
                return (file.name.escaped, Data(bytes))
            })
    }

    @Test func `sets go whole, under a token the key asked for, and their receipts are believed`() throws {
        let service = try service()
        let sets = try (1...3).map { try TestSets.set("0000\($0)", sizes: [400, 10], seed: UInt64($0)) }
        let verdicts = run(sets, at: settings(service)) { $0.parallel = 2 }
        for verdict in verdicts {
            guard case .accepted(let received) = verdict else {
                Issue.record("\(verdict)")
                return
            }
            #expect(received.signature.standing == .pinned)
        }
        let taken = try service.taken()
        #expect(Set(taken) == Set(sets.map(bytes)))
        #expect(taken.count == 3)
    }

    @Test func `a set is asked for though the wait for another took all the time`() throws {
        let service = try service("undecided")
        let sets = try (1...3).map { try TestSets.set("0000\($0)") }
        let verdicts = run(sets, at: settings(service)) {
            $0.parallel = 1
            $0.wait = 2
        }
        #expect(verdicts.map(\.status) == [75, 0, 0])
    }

    @Test func `a set handed over twice is told with the receipt of the first time`() throws {
        let service = try service()
        let set = try TestSets.set("00001")
        #expect(run([set], at: settings(service))[0].status == 0)
        #expect(run([set], at: settings(service)) { $0.wait = 0.001 }[0].status == 0)
        #expect(try service.taken().count == 1)
    }

    @Test func `a refusal is told with its codes`() throws {
        let service = try service(codes: ["ACRF-125"])
        let verdict = run([try TestSets.set("00001")], at: settings(service))[0]
        guard case .refused(let received) = verdict else {
            Issue.record("\(verdict)")
            return
        }
        #expect(received.receipt.codes.map(\.known) == [.signatureInvalid])
    }

    @Test func `a lost answer, a busy service and a forgotten token cost nothing but time`() throws {
        let service = try service("lost", "busy", "forget")
        let set = try TestSets.set("00001")
        #expect(run([set], at: settings(service))[0].status == 0)
        #expect(try service.taken() == [bytes(of: set)])
        #expect(service.requests.contains("POST /v1/sets cut"))
        #expect(service.requests.contains { $0.hasSuffix(" 401") })
        #expect(service.requests.contains { $0.hasSuffix(" 503") })
    }

    @Test func `a large set goes in pieces and goes on where it was cut`() throws {
        let service = try service("announced", "patch:100000", "patch:7", "lost", "busy")
        let set = try TestSets.set("00001", sizes: [300_000, 0], seed: 3)
        let verdict = run([set], at: settings(service)) { $0.upload.whole = 1000 }[0]
        #expect(verdict.status == 0, "\(verdict) \(service.requests)")
        #expect(try service.taken() == [bytes(of: set)])
        let patches = service.requests.filter { $0.hasPrefix("PATCH") }
        #expect(patches.contains { $0.hasSuffix(" cut") } && patches.contains { $0.hasSuffix(" 204") })
        #expect(service.requests.contains { $0.hasPrefix("HEAD") })
    }

    @Test func `what the service refuses is told in its words, made safe`() throws {
        let service = try service("never")
        guard case .failed(let words) = run([try TestSets.set("00001")], at: settings(service))[0] else {
            Issue.record("sent")
            return
        }
        #expect(words.contains("403") && words.contains("ACRF-131 a name"))
        #expect(words.contains("\\u{1b}") && !words.contains("\u{1B}"))
        #expect(try service.taken().isEmpty)
    }

    @Test func `a certificate in the handshake stands for a token`() throws {
        let scratch = try Scratch()
        let identity = HTTPSSettings.Identity(
            certificate: try scratch.write(CertificateMint.pem(signet.sender), to: "certificate.pem"),
            key: try scratch.write(signet.senderKeyPEM, to: "key.pem"))
        let callers = try scratch.write(CertificateMint.pem(signet.authority), to: "authority.pem")
        let service = try service(callers: callers)
        var web = settings(service)
        web.proof = .certificate(identity)
        #expect(run([try TestSets.set("00001")], at: web)[0].status == 0)
        #expect(!service.requests.contains { $0.contains("token") })
    }

    @Test func `a service that is not the one trusted, or not there, gets nothing`() throws {
        let service = try service()
        var web = settings(service)
        web.trust = CurlTrust()
        #expect(run([try TestSets.set("00001")], at: web)[0].status == 1)
        web = settings(service)
        web.base = "https://localhost:1"
        #expect(run([try TestSets.set("00001")], at: web)[0].status == 75)
        #expect(service.requests.isEmpty)
    }

    @Test func `an assertion for another audience gives no token`() throws {
        let service = try service()
        var web = settings(service)
        web.audience = "https://other.example/v1/oauth/token"
        #expect(run([try TestSets.set("00001")], at: web)[0].status != 0)
        #expect(try service.taken().isEmpty)
    }

    @Test func `answers are fetched, confirmed or removed`() throws {
        let service = try service()
        let sets = [try TestSets.set("00001"), try TestSets.set("00002")]
        #expect(run(sets, at: settings(service)) { $0.parallel = 1 }.map(\.status) == [0, 0])
        let scratch = try Scratch()
        var fetch = AnswerFetch.Settings(directory: scratch.file("answers"))
        fetch.trust = .pinned([signet.receiver])
        let web = settings(service)
        func fetchAll() throws -> [FetchedAnswer] {
            try AnswerFetch(from: web, settings: fetch) { _ in }.run { _ in }
        }
        let first = try fetchAll()
        #expect(first.map(\.status) == [0, 0])
        #expect(service.requests.filter { $0.hasSuffix("/confirmation 204") }.count == 2)
        #expect(try fetchAll().map(\.outcome) == [.alreadyThere, .alreadyThere])
        // Confirmed once: what is here is neither fetched nor confirmed again.
        #expect(service.requests.filter { $0.hasSuffix("/confirmation 204") }.count == 2)
        fetch.isRemoving = true
        #expect(try fetchAll().count == 2)
        #expect(try fetchAll().isEmpty)
        #expect(try scratch.names(in: "answers").count == 6)
    }

    @Test func `another service's answer of the same name is neither removed nor confirmed nor kept`() throws
    {
        let services = [try service(), try service()]
        for (service, number) in zip(services, ["00001", "00002"]) {
            #expect(run([try TestSets.set(number)], at: settings(service))[0].status == 0)
        }
        let scratch = try Scratch()
        var fetch = AnswerFetch.Settings(directory: scratch.file("answers"))
        func status(_ service: TestWebService) throws -> [Int32] {
            try AnswerFetch(from: settings(service), settings: fetch) { _ in }.run { _ in }.map(\.status)
        }
        #expect(try status(services[0]) == [0])
        let mine = try scratch.read("answers/FO.ACRF.999999.20230420.00001.R")
        for isRemoving in [false, true] {
            fetch.isRemoving = isRemoving
            #expect(try status(services[1]) == [1])
        }
        #expect(!services[1].requests.contains { $0.hasPrefix("DELETE") || $0.contains("/confirmation") })
        #expect(try scratch.read("answers/FO.ACRF.999999.20230420.00001.R") == mine)
    }
}
