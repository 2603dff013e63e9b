import Channels
import Exchange
import Foundation
import Synchronization
import Testing
import Validation

@testable import SenderClient

@Suite struct FileSubmissionTests {
    private let signet: Signet
    private let scratch: Scratch

    init() throws {
        signet = try Signet()
        scratch = try Scratch()
    }

    private func run(
        _ sets: [OutgoingSet], on server: MemoryServer, home: RemotePath? = nil,
        time: TestTime = TestTime(), _ change: (inout SubmissionSettings) -> Void = { _ in }
    ) -> [SetVerdict] {
        var settings = SubmissionSettings()
        settings.parallel = 1
        change(&settings)
        let told = Mutex<[SetOutcome]>([])
        let outcomes = FileSubmission(
            to: server, as: MemoryServer.logIn, home: home, settings: settings, screen: .silent,
            timing: time.timing
        ).run(sets) { outcome in told.withLock { $0.append(outcome) } }
        #expect(outcomes.map(\.set) == sets)
        #expect(Set(told.withLock { $0 }) == Set(outcomes))
        return outcomes.map(\.verdict)
    }

    private func server(
        _ receiver: TestReceiver,
        ending: @escaping @Sendable (MemoryServer.Call) -> MemoryServer.Ending = { _ in .good }
    ) -> MemoryServer {
        MemoryServer(ending: ending, written: { receiver.take($0, $1, &$2) })
    }

    @Test func `an accepted set is told with its ticket and who signed the receipt`() throws {
        let verdicts = run([try TestSets.set("00001")], on: server(TestReceiver(signet))) {
            $0.trust = .pinned([signet.receiver])
        }
        guard case .accepted(let received) = verdicts[0] else {
            Issue.record("\(verdicts)")
            return
        }
        #expect(received.receipt.ticket == "0380AB12CD3HZ")
        #expect(received.signature.standing == .pinned)
        #expect(received.signature.signer == signet.receiver)
        #expect(received.document == "FO.ACRF.999999.20230420.00001.R")
        #expect(!received.isEarlier)
    }

    @Test func `a refused set is told with each code, its sentence and its mend, in the language asked for`()
        throws
    {
        let set = try TestSets.set("00001")
        let receiver = TestReceiver(signet, codes: ["ACRF-125", "ACRF-427"])
        let verdict = run([set], on: server(receiver)) { $0.trust = .pinned([signet.receiver]) }[0]
        #expect(verdict.status == 4)
        let outcome = SetOutcome(set: set, verdict: verdict)
        let words = outcome.words(in: .nl)
        let code = ReceptionCode.signatureInvalid
        #expect(words.contains("ACRF-125 " + code.sentence(in: .nl)))
        #expect(words.contains(code.mend(in: .nl)))
        #expect(words.contains("ACRF-427"))
        let json = String(
            decoding: try JSONEncoder().encode(SetOutcomeRecord(outcome, in: .fr)), as: UTF8.self)
        #expect(json.contains(#""verdict":"refused""#))
        #expect(json.contains(#""code":"ACRF-427""#))
    }

    @Test func `without a certificate to judge by, the receipt counts and people are told what is not known`()
        throws
    {
        let set = try TestSets.set("00001")
        let verdict = run([set], on: server(TestReceiver(signet)))[0]
        #expect(verdict.status == 0)
        #expect(SetOutcome(set: set, verdict: verdict).words(in: .en).contains("nobody says by whom"))
    }

    @Test func `an authority vouches for the receipt's certificate`() throws {
        let store = try TrustStore(authorities: [signet.authority], revocationLists: [])
        let verdict = run([try TestSets.set("00001")], on: server(TestReceiver(signet))) {
            $0.trust = .authorities(store)
        }[0]
        guard case .accepted(let received) = verdict else {
            Issue.record("\(verdict)")
            return
        }
        #expect(received.signature.standing == .underAuthority)
    }

    @Test func `a receipt signed by another is not believed`() throws {
        let other = try Signet()
        for trust in [
            ReceiptSignature.Trust.pinned([other.receiver]),
            .authorities(try TrustStore(authorities: [other.authority], revocationLists: [])),
        ] {
            let verdict = run([try TestSets.set("00001")], on: server(TestReceiver(signet))) {
                $0.trust = trust
            }[0]
            guard case .failed(let words) = verdict else {
                Issue.record("\(verdict)")
                return
            }
            #expect(words.contains("cannot be believed"))
        }
    }

    @Test func `without a receipt in time the set is told as sent, to be asked for again`() throws {
        let time = TestTime()
        let receiver = TestReceiver(signet, answers: false)
        let verdict = run([try TestSets.set("00001")], on: server(receiver), time: time) { $0.wait = 60 }[0]
        #expect(verdict == .unknown("it was sent, and no receipt came within 1:00"))
        #expect(time.now >= 60 && time.now < 70)
        #expect(receiver.taken.withLock { $0.count } == 1)
        #expect(run([try TestSets.set("00002")], on: server(receiver)) { $0.wait = 0 }[0].status == 75)
    }

    @Test func `receipts of others are passed over, and so is what cannot be read`() throws {
        let receiver = TestReceiver(signet)
        let other = try TestSets.set("00009").trigger.escaped
        let server = MemoryServer(written: { directory, name, contents in
            receiver.put(Signet.receipt(of: other, isAccepted: false), 70, &contents)
            receiver.put(Array("<ACRF><!DOCTYPE x></ACRF>".utf8), 71, &contents)
            contents.put([], "GO.ACRF.999999.20230420.00072.R", in: "OUT")
            contents.put([], "GO.../../etc", in: "OUT")
            receiver.take(directory, name, &contents)
        })
        #expect(run([try TestSets.set("00001")], on: server)[0].status == 0)
    }

    @Test func `an earlier receipt of the name counts when the server took the set and said nothing new`()
        throws
    {
        let set = try TestSets.set("00001")
        let receiver = TestReceiver(signet, answers: false)
        let server = server(receiver)
        server.contents.withLock {
            receiver.put(
                Signet.receipt(of: set.trigger.escaped, codes: ["ACRF-125"], isAccepted: false), 4, &$0)
            receiver.put(Signet.receipt(of: set.trigger.escaped), 5, &$0)
        }
        let time = TestTime()
        let verdict = run([set], on: server, time: time) { $0.trust = .pinned([signet.receiver]) }[0]
        guard case .accepted(let received) = verdict else {
            Issue.record("\(verdict)")
            return
        }
        #expect(received.isEarlier)
        #expect(time.now < 30)
        #expect(receiver.taken.withLock { $0.count } == 1)
    }

    /// A set whose FI lies on disk, last written at a time.
    private func set(writtenAt time: Double) throws -> OutgoingSet {
        let plain = try TestSets.set("00001")
        let path = try scratch.write([UInt8](repeating: 7, count: 500), to: TestSets.name("00001"))
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: time)], ofItemAtPath: path)
        let file = OutgoingFile(name: plain.files[0].name, content: .file(path: path, size: 500))
        return OutgoingSet(name: plain.name, files: [file, plain.files[1]], trigger: plain.trigger)
    }

    /// A server that takes sets, knows the one asked for, and says nothing new; its receipts are of the second 1000.
    private func knowing(_ set: OutgoingSet, with receiver: TestReceiver) -> MemoryServer {
        let server = MemoryServer(
            remembersWritten: true, modifiedAt: 1000, written: { receiver.take($0, $1, &$2) })
        server.contents.withLock { receiver.put(Signet.receipt(of: set.trigger.escaped), 5, &$0) }
        return server
    }

    @Test(arguments: [1.0, 5, 30])
    func `a set sent again unchanged gets its earlier receipt before the wait is over`(wait: Double) throws {
        let set = try set(writtenAt: 1000.5)
        let receiver = TestReceiver(signet, answers: false)
        let time = TestTime()
        let verdict = run([set], on: knowing(set, with: receiver), time: time) { $0.wait = wait }[0]
        guard case .accepted(let received) = verdict else {
            Issue.record("\(verdict)")
            return
        }
        #expect(received.isEarlier)
        #expect(time.now < wait + 3)
        #expect(receiver.taken.withLock { $0.count } == 1)
    }

    @Test func `an earlier receipt does not count at the end of a short wait when an FI changed since`()
        throws
    {
        let set = try set(writtenAt: 1001.5)
        let server = knowing(set, with: TestReceiver(signet, answers: false))
        let verdict = run([set], on: server) { $0.wait = 10 }[0]
        guard case .unknown(let words) = verdict else {
            Issue.record("\(verdict)")
            return
        }
        #expect(words.contains("maybe other files"))
        #expect(run([set], on: server) { $0.wait = 30 }[0].status == 0)
    }

    @Test func `an objection has its time from when the server took the set`() throws {
        let set = try set(writtenAt: 1)
        let receiver = TestReceiver(signet)
        let server = MemoryServer(modifiedAt: 1000)
        server.contents.withLock { receiver.put(Signet.receipt(of: set.trigger.escaped), 5, &$0) }
        let clock = Mutex<TestTime?>(nil)
        let time = TestTime {
            let now = clock.withLock { $0?.now ?? 0 }
            server.contents.withLock { contents in
                if now > 20 { contents.directories["IN"] = [:] }
                guard now > 30, contents.directories["OUT"]?.count == 3 else { return }
                receiver.put(
                    Signet.receipt(of: set.trigger.escaped, codes: ["ACRF-133"], isAccepted: false), 6,
                    &contents)
            }
        }
        clock.withLock { $0 = time }
        #expect(run([set], on: server, time: time)[0].status == 4)
    }

    @Test func `many sets sent again all get their earlier receipts`() throws {
        let sets = try (10...60).map { try TestSets.set("000\($0)") }
        let receiver = TestReceiver(signet, answers: false)
        let server = server(receiver)
        server.contents.withLock { contents in
            for (number, set) in sets.enumerated() {
                receiver.put(Signet.receipt(of: set.trigger.escaped), number, &contents)
            }
        }
        #expect(run(sets, on: server).allSatisfy { $0.status == 0 })
    }

    @Test func `an objection comes before an earlier receipt`() throws {
        let set = try TestSets.set("00001")
        let receiver = TestReceiver(signet, codes: ["ACRF-133"])
        let server = server(receiver)
        server.contents.withLock { receiver.put(Signet.receipt(of: set.trigger.escaped), 5, &$0) }
        #expect(run([set], on: server)[0].status == 4)
    }

    @Test func `an earlier receipt does not count while the GO still waits at the server`() throws {
        let set = try TestSets.set("00001")
        let receiver = TestReceiver(signet)
        let server = MemoryServer()
        server.contents.withLock { receiver.put(Signet.receipt(of: set.trigger.escaped), 5, &$0) }
        #expect(run([set], on: server) { $0.wait = 100 }[0].status == 75)
    }

    @Test func `a set whose GO waits at the server is not touched, only its receipt is waited for`() throws {
        let set = try TestSets.set("00001")
        let receiver = TestReceiver(signet)
        let server = MemoryServer()
        for file in set.files { server.put([1, 2, 3], file.name.escaped, in: "IN") }
        server.put([], set.trigger.escaped, in: "IN")
        let time = TestTime { receiver.poll(server) }
        #expect(run([set], on: server, time: time)[0].status == 0)
        let writes = server.contents.withLock {
            $0.log.filter { if case .write = $0 { true } else { false } }
        }
        #expect(writes.isEmpty)
    }

    @Test func `a receipt that names the FI or a cut name is the set's too`() throws {
        let set = try TestSets.set("00001")
        #expect(set.isNamed(by: set.files[0].name.escaped))
        #expect(set.isNamed(by: set.trigger.escaped))
        #expect(!set.isNamed(by: "GO.DMFA.006400.20230420.00001.R.2"))
        #expect(!set.isNamed(by: ""))
    }

    @Test(arguments: [
        (RemoteFault.Kind.unreachable, Int32(75)), (.timedOut, 75), (.untrusted, 1), (.notAdmitted, 1),
    ])
    func `a first connection that fails is told at once`(kind: RemoteFault.Kind, status: Int32) throws {
        let time = TestTime()
        let server = MemoryServer(ending: { _ in .fault(RemoteFault(kind, "nobody there")) })
        let sets = [try TestSets.set("00001"), try TestSets.set("00002")]
        #expect(run(sets, on: server, time: time).map(\.status) == [status, status])
        #expect(time.now == 0)
    }

    @Test func `a connection lost for good leaves the rest to be tried again`() throws {
        let sets = [try TestSets.set("00001"), try TestSets.set("00002")]
        let isGone = Mutex(false)
        let server = MemoryServer(ending: { call in
            if case .write(let path) = call, path.hasSuffix(".00002.R.1.1") { isGone.withLock { $0 = true } }
            return isGone.withLock { $0 } ? .cutBefore : .good
        })
        let time = TestTime()
        let verdicts = run(sets, on: server, time: time) { $0.patience = 50 }
        #expect(verdicts.map(\.status) == [75, 75])
        #expect(time.now > 50)
    }

    @Test func `what a server refuses is the set's own failure, and nothing of it stays`() throws {
        let sets = [try TestSets.set("00001"), try TestSets.set("00002")]
        let receiver = TestReceiver(signet)
        let server = server(receiver) { call in
            if case .write(let path) = call, path.hasSuffix("FS.DMFA.006400.20230420.00001.R.1.1") {
                return .fault(RemoteFault(.notAllowed, "not here"))
            }
            return .good
        }
        #expect(run(sets, on: server).map(\.status) == [1, 0])
        #expect(server.files(in: "IN").isEmpty)
    }

    @Test func `a server without room is a matter of another time`() throws {
        let server = MemoryServer(ending: { call in
            if case .write = call { return .fault(RemoteFault(.tooMuch, "disk full")) }
            return .good
        })
        #expect(run([try TestSets.set("00001")], on: server)[0] == .unknown("disk full"))
    }

    @Test func `a file that changes while it is sent is never completed`() throws {
        let path = try scratch.write([UInt8](repeating: 7, count: 500), to: TestSets.name("00001"))
        let plain = try TestSets.set("00001")
        for size in [UInt64(499), 501] {
            let file = OutgoingFile(name: plain.files[0].name, content: .file(path: path, size: size))
            let set = OutgoingSet(name: plain.name, files: [file, plain.files[1]], trigger: plain.trigger)
            let receiver = TestReceiver(signet)
            #expect(run([set], on: server(receiver))[0].status == 1)
            #expect(receiver.taken.withLock { $0.isEmpty })
        }
    }

    @Test func `a server that stores other sizes than it was sent gets no GO`() throws {
        let server = MemoryServer(written: { directory, name, contents in
            contents.directories[directory]?[name]?.bytes.append(0x0D)
        })
        let verdict = run([try TestSets.set("00001")], on: server)[0]
        #expect(verdict.status == 1)
        #expect(!server.files(in: "IN").keys.contains { $0.hasPrefix("GO") })
    }

    @Test func `a server that tells no sizes is believed`() throws {
        let receiver = TestReceiver(signet)
        let server = MemoryServer(tellsSizes: false, written: { receiver.take($0, $1, &$2) })
        #expect(run([try TestSets.set("00001", sizes: [10, 20])], on: server)[0].status == 0)
    }

    @Test func `directories may lie below a home, and each environment has its own`() throws {
        let directories = ["drop/INTEST", "drop/OUTTEST"]
        let server = MemoryServer(
            directories: directories,
            written: { directory, name, contents in
                guard name.hasPrefix("GO.") else { return }
                let document = Signet.receipt(of: name)
                let stem = "ACRF.999999.20230420.00001.T"
                contents.put(document, "FO." + stem, in: "drop/OUTTEST")
                contents.put(
                    (try? signet.receiverSigner.sign(document)) ?? [], "FS." + stem, in: "drop/OUTTEST")
                contents.put([], "GO." + stem, in: "drop/OUTTEST")
            })
        let set = try TestSets.set("00001", environment: "T")
        #expect(run([set], on: server, home: RemotePath("drop"))[0].status == 0)
    }

    @Test func `a directory that is missing is told`() throws {
        let server = MemoryServer(directories: [])
        guard case .failed(let words) = run([try TestSets.set("00001")], on: server)[0] else {
            Issue.record("sent where there is nothing")
            return
        }
        #expect(words.contains("IN"))
    }

    @Test func `a server that grants one connection gets all sets over it`() throws {
        let receiver = TestReceiver(signet)
        let connections = Mutex(0)
        let server = server(receiver) { call in
            guard call == .connect else { return .good }
            let number = connections.withLock { count in
                count += 1
                return count
            }
            return number == 1 ? .good : .fault(RemoteFault(.notAdmitted, "one is enough"))
        }
        let sets = try (1...6).map { try TestSets.set("0000\($0)") }
        #expect(run(sets, on: server) { $0.parallel = 4 }.map(\.status) == [0, 0, 0, 0, 0, 0])
        #expect(server.contents.withLock { $0.mostOpen } == 1)
    }

    @Test func `as many connections as asked for carry the sets`() throws {
        let receiver = TestReceiver(signet)
        let met = Mutex(0)
        let server = server(receiver) { call in
            // Whoever writes first waits until three write at once.
            guard case .write(let path) = call, path.contains("FI.") else { return .good }
            met.withLock { $0 += 1 }
            for _ in 0..<60_000 where met.withLock({ $0 }) < 3 { usleep(1000) }
            return .good
        }
        let sets = try (1...3).map { try TestSets.set("0000\($0)") }
        #expect(run(sets, on: server) { $0.parallel = 3 }.map(\.status) == [0, 0, 0])
        #expect(server.contents.withLock { $0.mostOpen } == 3)
    }

    /// The names of the files in the order they were written.
    private func written(_ server: MemoryServer) -> [String] {
        server.contents.withLock { contents in
            contents.log.compactMap {
                if case .write(let path) = $0 { String(path.dropFirst(3)) } else { nil }
            }
        }
    }

    @Test func `sets that travel together send their files first and then each its GO`() throws {
        let receiver = TestReceiver(signet)
        let server = MemoryServer(filesAtOnce: 6, written: { receiver.take($0, $1, &$2) })
        let sets = try (1...7).map { try TestSets.set("0000\($0)") }
        #expect(run(sets, on: server).allSatisfy { $0.status == 0 })
        let prefixes = written(server).map { $0.prefix(2) }.joined()
        let together = "FIFSFIFSFIFSGOGOGO"
        #expect(prefixes == together + together + "FIFSGO")
    }

    @Test func `sets that travel together fail each for itself`() throws {
        let receiver = TestReceiver(signet)
        let server = MemoryServer(
            filesAtOnce: 64,
            ending: { call in
                guard case .write(let path) = call, path.hasSuffix("FS.DMFA.006400.20230420.00002.R.1.1")
                else {
                    return .good
                }
                return .fault(RemoteFault(.notAllowed, "not here"))
            },
            written: { directory, name, contents in
                if name.contains(".00004.") { contents.directories[directory]?[name]?.bytes.append(0x0D) }
                receiver.take(directory, name, &contents)
            })
        var sets = try (1...5).map { try TestSets.set("0000\($0)") }
        let path = try scratch.write([UInt8](repeating: 7, count: 500), to: "FI")
        let changed = OutgoingFile(name: sets[2].files[0].name, content: .file(path: path, size: 499))
        sets[2] = OutgoingSet(
            name: sets[2].name, files: [changed, sets[2].files[1]], trigger: sets[2].trigger)
        #expect(run(sets, on: server).map(\.status) == [0, 1, 1, 1, 0])
        #expect(server.files(in: "IN").isEmpty)
        #expect(receiver.taken.withLock { $0.count } == 2)
    }

    @Test func `what is refused among many is sent once more alone`() throws {
        let receiver = TestReceiver(signet)
        let met = Mutex<Set<String>>([])
        let server = MemoryServer(
            filesAtOnce: 64,
            ending: { call in
                guard case .write(let path) = call, met.withLock({ $0.insert(path).inserted }) else {
                    return .good
                }
                let isRefused = path.contains("FS") && path.contains("00002") || path.contains("GO.DMFA")
                return isRefused ? .fault(RemoteFault(.notAllowed, "too many open files")) : .good
            }, written: { receiver.take($0, $1, &$2) })
        let sets = try (1...3).map { try TestSets.set("0000\($0)") }
        #expect(run(sets, on: server).map(\.status) == [0, 0, 0])
    }

    @Test func `large sets and those of other workers are not taken together`() throws {
        let sets = try (1...6).map { try TestSets.set("0000\($0)", sizes: [$0 == 3 ? 5000 : 10]) }
        let book = SubmissionBook(sets) { _ in }
        let taken = (0..<5).map { _ in book.next(files: 8, sharedBy: 2, ofFewerThan: 1000) }
        #expect(taken == [[0, 1], [2], [3, 4], [5], []])
    }

    @Test func `many outcomes give one exit status`() throws {
        let set = try TestSets.set("00001")
        func status(_ verdicts: SetVerdict...) -> Int32 {
            SetOutcome.status(of: verdicts.map { SetOutcome(set: set, verdict: $0) })
        }
        let refused = run([set], on: server(TestReceiver(signet, codes: ["ACRF-125"])))[0]
        let accepted = run([set], on: server(TestReceiver(signet)))[0]
        #expect(status() == 0)
        #expect(status(accepted, accepted) == 0)
        #expect(status(accepted, .unknown("")) == 75)
        #expect(status(.failed(""), .unknown("")) == 1)
        #expect(status(.failed(""), refused, .unknown("")) == 4)
    }
}
