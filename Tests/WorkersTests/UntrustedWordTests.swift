import Exchange
import Foundation
import Logging
import TestExaminers
import Testing
import Validation

@testable import Workers

extension Logger {
    static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}

/// What a worker says is looked at as a stranger's bytes.
@Suite struct UntrustedWordTests {
    private let file = FileName("FI")

    private func judged(
        _ word: WorkerWord, phases: [ReceptionCode.Phase] = [.document, .schema], atMost limit: Int = 3
    ) throws -> StageFailure {
        try Worker.failure(word, of: #require(file), phases, atMost: limit)
    }

    private func finding(_ code: ReceptionCode = .notWellFormed, file: String = "FI", detail: String = "So.")
        -> Finding
    {
        Finding(code, file: FileName(file), place: .init(line: 1, column: 1, path: "/a"), detail: detail)
    }

    @Test func `findings that can be are passed on`() throws {
        guard case .refused(let findings) = try judged(.refused([finding(), finding(.invalidAgainstSchema)]))
        else {
            Issue.record("no refusal")
            return
        }
        #expect(findings.count == 2)
    }

    @Test func `findings that cannot be are the worker's failure`() throws {
        for findings in [
            [], [finding(), finding(), finding(), finding()], [finding(.signatureInvalid)],
            [finding(.senderNotAuthorised)], [finding(file: "FX")], [finding(detail: "a\u{1B}[2J")],
            [finding(detail: String(repeating: "a", count: 40_000))],
        ] {
            #expect(throws: Worker.Failure.self) { try judged(.refused(findings)) }
        }
    }

    @Test func `a deferral nobody can explain is the worker's failure`() throws {
        #expect(throws: Worker.Failure.self) { try judged(.deferred(Deferral(.unknown, "no memory"))) }
        #expect(throws: Worker.Failure.self) { try judged(.deferred(Deferral(.workerFailed, "x"))) }
        #expect(throws: Worker.Failure.self) { try judged(.deferred(Deferral(.bytesChanged, "x"))) }
        #expect(throws: Worker.Failure.self) { try judged(.deferred(Deferral(.operatorHold, "x"))) }
        #expect(throws: Worker.Failure.self) { try judged(.deferred(Deferral(.diskFault, "a\nb"))) }
        #expect(throws: Worker.Failure.self) {
            try judged(.deferred(Deferral(.diskFault, "x", pause: .seconds(1 << 40))))
        }
        guard case .deferred(let deferral) = try judged(.deferred(Deferral(.diskFault, "x"))) else {
            Issue.record("no deferral")
            return
        }
        #expect(deferral.reason == .diskFault)
    }

    @Test(arguments: [0, 1, Worker.questionLimit, Worker.questionLimit + 1])
    func `questions are answered up to their limit, and the verdict is not counted among them`(count: Int)
        throws
    {
        let digest = try #require(Digest(Array(repeating: 1, count: 32)))
        let question = StatusQuestion(certificate: digest, serial: "01", authority: digest)
        var words = Array(repeating: WorkerWord.question(question), count: count) + [.told]
        var answers = 0
        let judge = {
            try Worker.verdict(from: { words.removeFirst() }, answering: { _ in answers += 1 })
        }
        if count > Worker.questionLimit {
            #expect(throws: Worker.Failure.self) { try judge() }
        } else {
            guard case .told = try judge() else {
                Issue.record("no verdict")
                return
            }
        }
        #expect(answers == min(count, Worker.questionLimit))
    }

    @Test func `evidence of another kind is the worker's failure`() throws {
        let evidence = try Bench().check(LocalExaminer())
        #expect(throws: Worker.Failure.self) { try judged(.checked(evidence)) }
    }

    @Test func `evidence of a signature fits the question or is none`() throws {
        let (bench, other) = (try Bench(), try Bench())
        let evidence = try bench.verify(LocalExaminer())
        let trust = bench.ground.trust
        #expect(evidence.isPossible(registered: bench.registered, at: bench.time, under: trust))
        #expect(!evidence.isPossible(registered: other.registered, at: bench.time, under: trust))
        #expect(!evidence.isPossible(registered: [], at: bench.time, under: trust))
        #expect(!evidence.isPossible(registered: bench.registered, at: bench.time + 1, under: trust))
        #expect(!evidence.isPossible(registered: bench.registered, at: bench.time, under: other.ground.trust))
    }

    @Test func `evidence of a signature that could not be stored and read again is none`() throws {
        let bench = try Bench()
        let evidence = try bench.verify(LocalExaminer())
        let encoded = try JSONEncoder().encode(evidence)
        func isPossible(_ key: String, _ value: Any) throws -> Bool {
            var object = try #require(try JSONSerialization.jsonObject(with: encoded) as? [String: Any])
            object[key] = value
            let changed = try JSONDecoder().decode(
                VerifiedSignature.self, from: JSONSerialization.data(withJSONObject: object))
            return changed.isPossible(
                registered: bench.registered, at: bench.time, under: bench.ground.trust)
        }
        #expect(try isPossible("algorithm", "RSA-2048 PKCS1 SHA256"))
        #expect(try isPossible("signingTime", bench.time.timeIntervalSinceReferenceDate))
        // The year 12000.
        #expect(try !isPossible("signingTime", 3.15e11))
        #expect(try !isPossible("algorithm", "a\nb"))
        #expect(try !isPossible("algorithm", String(repeating: "a", count: 1000)))
        let link = try #require(evidence.chain.chain.last)
        let long = ChainEvidence.Copy(
            chain: [evidence.certificate] + Array(repeating: link, count: 40), revocation: [])
        let object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(long))
        #expect(try !isPossible("chain", object))
    }

    @Test func `evidence of a document fits the rule or is none`() throws {
        let bench = try Bench()
        let evidence = try bench.check(LocalExaminer())
        let purpose = try #require(Purpose("DIMN"))
        func isPossible(_ roots: [String], _ schemas: SchemaCatalogue) -> Bool {
            evidence.isPossible(
                rule: PurposeRule(purpose: purpose, roots: roots, forms: [], formLimit: nil), schemas: schemas
            )
        }
        #expect(isPossible([], bench.ground.schemas))
        #expect(!isPossible(["b"], bench.ground.schemas))
        #expect(!isPossible(["a"], bench.ground.schemas), "a rule with roots wants a schema")
    }

    @Test func `evidence of a document with more than a document can leave is none`() throws {
        let bench = try Bench()
        let evidence = try bench.check(LocalExaminer())
        let rule = PurposeRule(purpose: try #require(Purpose("DIMN")), roots: [], forms: [], formLimit: nil)
        func isPossible(size: Int64 = 1, root: String = "a", forms: [String: Int] = [:]) -> Bool {
            CheckedDocument(
                digest: evidence.digest, size: size, root: root, schema: nil, encoding: "UTF-8", forms: forms
            ).isPossible(rule: rule, schemas: bench.ground.schemas)
        }
        func forms(_ count: Int) -> [String: Int] {
            Dictionary(uniqueKeysWithValues: (0..<count).map { ("\($0)", 1) })
        }
        #expect(isPossible(forms: forms(128)))
        #expect(!isPossible(forms: forms(129)))
        #expect(!isPossible(forms: [String(repeating: "a", count: 257): 1]))
        #expect(!isPossible(forms: ["a\nb": 1]))
        #expect(!isPossible(forms: ["a": 0]))
        #expect(!isPossible(root: "a\nb"))
        #expect(!isPossible(size: -1))
    }
}

/// Messages between daemon and worker.
@Suite struct FrameSocketTests {
    private func pair(limit: Int = 100_000) throws -> (FrameSocket, FrameSocket) {
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        return (FrameSocket(owning: ends[0], limit: limit), FrameSocket(owning: ends[1], limit: limit))
    }

    @Test func `a message comes as it was sent, with its open file`() throws {
        let (one, other) = try pair()
        let place = NSTemporaryDirectory() + UUID().uuidString
        try Data("text".utf8).write(to: URL(fileURLWithPath: place))
        defer { try? FileManager.default.removeItem(atPath: place) }
        try one.send(Array("hello".utf8), files: [try ReadableFile(path: place)])
        let came = try #require(try other.receive(files: 1))
        #expect(came.message == Array("hello".utf8) && came.files.count == 1)
        var bytes = [UInt8](repeating: 0, count: 8)
        #expect(pread(came.files[0].descriptor, &bytes, 8, 0) == 4)
    }

    @Test func `a longer message than allowed, a cut one and a file nobody wants end the conversation`()
        throws
    {
        let (one, other) = try pair(limit: 10)
        try one.send([UInt8](repeating: 0, count: 11))
        #expect(throws: FrameSocket.Ended.self) { try other.receive() }
        let (third, fourth) = try pair()
        _ = [UInt8]([5, 0, 0, 0, 1, 2]).withUnsafeBytes { write(third.descriptor, $0.baseAddress, 6) }
        shutdown(third.descriptor, Int32(SHUT_WR))
        #expect(throws: FrameSocket.Ended.self) { try fourth.receive() }
        let (fifth, sixth) = try pair()
        let file = try ReadableFile(path: "/proc/self/exe".resolved)
        try fifth.send([UInt8](repeating: 0, count: 1), files: [file, file])
        #expect(throws: FrameSocket.Ended.self) { try sixth.receive(files: 1) }
    }

    @Test func `who sends byte by byte is given up, as is who takes byte by byte`() throws {
        struct Enough: Error {}
        let (one, other) = try pair()
        var looks = 0
        func look() throws {
            looks += 1
            guard looks < 5 else { throw Enough() }
            _ = [UInt8]([0]).withUnsafeBytes { write(one.descriptor, $0.baseAddress, 1) }
        }
        _ = [UInt8]([0, 1, 0, 0, 0]).withUnsafeBytes { write(one.descriptor, $0.baseAddress, 5) }
        #expect(throws: Enough.self) { try other.receive(whileWaiting: look) }
        #expect(looks == 5)
        let (third, fourth) = try pair()
        looks = 0
        func take() throws {
            looks += 1
            guard looks < 5 else { throw Enough() }
            var room = [UInt8](repeating: 0, count: 65_536)
            #expect(read(fourth.descriptor, &room, room.count) > 0)
        }
        var time = timeval(tv_sec: 0, tv_usec: 1000)
        setsockopt(third.descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        #expect(throws: Enough.self) {
            try third.send([UInt8](repeating: 0, count: 64_000_000), whileWaiting: take)
        }
        #expect(looks == 5)
    }

    @Test func `what never went out is told from what was cut off`() throws {
        let (one, other) = try pair()
        shutdown(other.descriptor, Int32(SHUT_RDWR))
        #expect(throws: FrameSocket.NotSent.self) { try one.send([UInt8](repeating: 0, count: 10)) }
    }

    @Test func `the end of the other is the end of the conversation`() throws {
        let (one, other) = try pair()
        shutdown(one.descriptor, Int32(SHUT_WR))
        #expect(try other.receive() == nil)
    }
}

extension ChainEvidence {
    /// The same form, to be made at will.
    fileprivate struct Copy: Encodable {
        let chain: [Digest]
        let revocation: [RevocationEvidence]
    }
}

extension String {
    fileprivate var resolved: String { URL(fileURLWithPath: self).resolvingSymlinksInPath().path }
}
