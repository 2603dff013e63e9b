import Channels
import Exchange
import Foundation
import Synchronization
import Testing
import Validation

@testable import SenderClient

@Suite struct AnswerFetchTests {
    private let signet: Signet
    private let receiver: TestReceiver
    private let scratch: Scratch
    private let go = "GO.DMFA.006400.20230420.00001.R.1"

    init() throws {
        signet = try Signet()
        receiver = TestReceiver(signet)
        scratch = try Scratch()
    }

    private var home: String { scratch.file("answers") }

    private func put(_ document: [UInt8], _ number: Int, on server: MemoryServer, purpose: String = "ACRF") {
        server.contents.withLock { receiver.put(document, number, purpose: purpose, &$0) }
    }

    private func fetch(
        from server: MemoryServer, _ change: (inout AnswerFetch.Settings) -> Void = { _ in }
    ) throws -> [FetchedAnswer] {
        var settings = AnswerFetch.Settings(directory: home)
        change(&settings)
        let time = TestTime()
        let told = settings
        let fetch = AnswerFetch(settings) {
            FileAnswerSource(
                Link(
                    to: server, as: MemoryServer.logIn, patience: told.patience, timing: time.timing,
                    note: { _ in }),
                at: MailboxPaths(home: nil), mailboxes: told.mailboxes)
        }
        return try fetch.run { _ in }
    }

    @Test func `answers come down whole, verified and told in words`() throws {
        let server = MemoryServer()
        put(Signet.receipt(of: go), 1, on: server)
        put(Signet.receipt(of: go, codes: ["ACRF-125"], isAccepted: false), 2, on: server)
        let fetched = try fetch(from: server) { $0.trust = .pinned([signet.receiver]) }
        #expect(fetched.map(\.documents) == (1...2).map { ["FO.ACRF.999999.20230420.0000\($0).R"] })
        #expect(fetched.map(\.status) == [0, 4])
        #expect(FetchedAnswer.status(of: fetched) == 4)
        let words = try #require(fetched[1].words(in: .fr))
        #expect(words.contains(ReceptionCode.signatureInvalid.sentence(in: .fr)))
        #expect(try scratch.names(in: "answers").count == 6)
        #expect(try scratch.read("answers/FO.ACRF.999999.20230420.00001.R") == Signet.receipt(of: go))
        #expect(server.files(in: "OUT").count == 6)
    }

    @Test func `what is here is not fetched again, and what is here in part is`() throws {
        let server = MemoryServer()
        put(Signet.receipt(of: go), 1, on: server)
        _ = try fetch(from: server)
        let again = try fetch(from: server)
        #expect(again.map(\.outcome) == [.alreadyThere])
        #expect(again[0].words(in: .en) == nil)
        try FileManager.default.removeItem(atPath: scratch.file("answers/GO.ACRF.999999.20230420.00001.R"))
        guard case .fetched = try fetch(from: server)[0].outcome else {
            Issue.record("half an answer passed for a whole one")
            return
        }
    }

    @Test(arguments: [true, false])
    func `another receiver's answer of the same name is told, left there, and replaces nothing`(
        isRemoving: Bool
    ) throws {
        let (first, second) = (MemoryServer(), MemoryServer())
        // As long as each other.
        let mine = Signet.receipt(of: go, ticket: "0380AB12CD3HZ")
        put(mine, 1, on: first)
        put(Signet.receipt(of: go, ticket: "0380AB12CD4HZ"), 1, on: second)
        put(Signet.receipt(of: go, codes: ["ACRF-125"], isAccepted: false), 2, on: second)
        put(mine, 2, on: first)
        #expect(try fetch(from: first) { $0.isRemoving = isRemoving }.map(\.status) == [0, 0])
        let fetched = try fetch(from: second) { $0.isRemoving = isRemoving }
        #expect(fetched[1].status == 1)
        // Without a removal only what the sizes tell is seen.
        if isRemoving { #expect(fetched[0].status == 1) }
        #expect(fetched[1].words(in: .en)?.contains("another answer of that name") == true)
        #expect(second.files(in: "OUT").count == 6)
        #expect(try scratch.read("answers/FO.ACRF.999999.20230420.00001.R") == mine)
        #expect(try scratch.read("answers/FO.ACRF.999999.20230420.00002.R") == mine)
    }

    @Test func `what is here is removed there only when it is the same and its signature holds`() throws {
        let server = MemoryServer()
        put(Signet.receipt(of: go), 1, on: server)
        _ = try fetch(from: server)
        let other = try Signet()
        let refused = try fetch(from: server) {
            $0.isRemoving = true
            $0.trust = .pinned([other.receiver])
        }
        #expect(refused[0].status == 1)
        #expect(server.files(in: "OUT").count == 3)
        #expect(try fetch(from: server) { $0.isRemoving = true }.map(\.outcome) == [.alreadyThere])
        #expect(server.files(in: "OUT").isEmpty)
    }

    @Test func `another answer that is just being published is not taken for the rest of a removal`() throws {
        let (first, second) = (MemoryServer(), MemoryServer())
        put(Signet.receipt(of: go, ticket: "0380AB12CD3HZ"), 1, on: first)
        _ = try fetch(from: first)
        put(Signet.receipt(of: go, ticket: "0380AB12CD4HZ"), 1, on: second)
        second.contents.withLock { $0.directories["OUT"]?["GO.ACRF.999999.20230420.00001.R"] = nil }
        _ = try fetch(from: second) { $0.isRemoving = true }
        #expect(second.files(in: "OUT").keys.contains("FO.ACRF.999999.20230420.00001.R"))
    }

    @Test func `an answer without its GO is not there yet`() throws {
        let server = MemoryServer()
        put(Signet.receipt(of: go), 1, on: server)
        server.contents.withLock { $0.directories["OUT"]?["GO.ACRF.999999.20230420.00001.R"] = nil }
        #expect(try fetch(from: server).isEmpty)
    }

    @Test func `an answer whose signature does not hold is neither kept nor removed`() throws {
        let server = MemoryServer()
        put(Signet.receipt(of: go), 1, on: server)
        server.contents.withLock { contents in
            contents.put(
                Signet.receipt(of: go, isAccepted: false), "FO.ACRF.999999.20230420.00001.R", in: "OUT")
        }
        let fetched = try fetch(from: server) { $0.isRemoving = true }
        #expect(fetched[0].status == 1)
        #expect(try scratch.names(in: "answers").isEmpty)
        #expect(server.files(in: "OUT").count == 3)
        let other = try Signet()
        put(Signet.receipt(of: go), 1, on: server)
        #expect(try fetch(from: server) { $0.trust = .pinned([other.receiver]) }[0].status == 1)
    }

    /// A zipped answer with a signature over `signed`.
    private func putArchive(
        _ archive: [UInt8], signing signed: [UInt8], on server: MemoryServer
    ) throws {
        let stem = "FINO.999999.20230420.00001.R"
        server.put(archive, "CO." + stem, in: "OUT")
        server.put(try signet.receiverSigner.sign(signed), "FS." + stem, in: "OUT")
        server.put([], "GO." + stem, in: "OUT")
    }

    @Test(arguments: [true, false], [true, false])
    func `the signature of a zipped answer is over the archive or over the one document in it`(
        isOverArchive: Bool, isPacked: Bool
    ) throws {
        let server = MemoryServer()
        let document = TestSets.content(7, size: 300_000) + [UInt8](repeating: 0x20, count: 700_000)
        let archive = ZipFile.of([("FO.FINO.999999.20230420.00001.R", document)], isPacked: isPacked)
        try putArchive(archive, signing: isOverArchive ? archive : document, on: server)
        let fetched = try fetch(from: server) {
            $0.isRemoving = true
            $0.trust = .pinned([signet.receiver])
        }
        #expect(fetched.map(\.status) == [0])
        #expect(fetched[0].words(in: .en)?.contains("signed by the certificate given for receipts") == true)
        let stem = "FINO.999999.20230420.00001.R"
        #expect(try scratch.names(in: "answers") == ["CO." + stem, "FS." + stem, "GO." + stem])
        #expect(try scratch.read("answers/CO." + stem) == archive)
        #expect(server.files(in: "OUT").isEmpty)
    }

    @Test func `a zipped answer whose signature does not hold is neither kept nor removed`() throws {
        let name = "FO.FINO.999999.20230420.00001.R"
        let document = TestSets.content(7, size: 3000)
        let good = ZipFile.of([(name, document)])
        var torn = good
        torn[30 + name.utf8.count + 4] = 0xFF
        let cases: [(archive: [UInt8], signed: [UInt8])] = [
            (good, document + [0]), (ZipFile.of([(name, document), (name, document)]), document),
            (ZipFile.of([(name, document)], flags: 1), document), (ZipFile.of([]), document), ([], document),
            (Array(good.dropLast()), document), (TestSets.content(1, size: 500), document), (torn, document),
        ]
        for (index, attempt) in cases.enumerated() {
            let server = MemoryServer()
            try putArchive(attempt.archive, signing: attempt.signed, on: server)
            let fetched = try fetch(from: server) { $0.isRemoving = true }
            #expect(fetched.map(\.status) == [1], "case \(index)")
            #expect(fetched[0].words(in: .en)?.contains("its signature does not hold") == true)
            #expect(try scratch.names(in: "answers").isEmpty, "case \(index)")
            #expect(server.files(in: "OUT").count == 3, "case \(index)")
        }
        let server = MemoryServer()
        try putArchive(good, signing: document, on: server)
        server.put(Array("garbage".utf8), "FS.FINO.999999.20230420.00001.R", in: "OUT")
        #expect(try fetch(from: server) { $0.isRemoving = true }.map(\.status) == [1])
        #expect(server.files(in: "OUT").count == 3)
    }

    /// The files of an answer in parts; the last is zipped when there are several.
    private func putParts(_ number: Int, on server: MemoryServer) throws -> [String] {
        let stem = "DMNO.999999.20230420.00010.R.\(number)"
        var names = ["GO." + stem]
        for part in 1...number {
            let document = TestSets.content(UInt64(part), size: 2000)
            let isZipped = part > 1 && part == number
            names += ["\(isZipped ? "CO" : "FO").\(stem).\(part)", "FS.\(stem).\(part)"]
            server.put(
                isZipped ? ZipFile.of([("FO", document)]) : document, names[names.count - 2], in: "OUT")
            server.put(try signet.receiverSigner.sign(document), names[names.count - 1], in: "OUT")
        }
        server.put([], names[0], in: "OUT")
        return names
    }

    @Test(arguments: [1, 2, 9])
    func `an answer in parts is fetched when all of them are there, and removed`(number: Int) throws {
        let server = MemoryServer()
        let names = try putParts(number, on: server)
        for missing in names {
            let file = try #require(server.files(in: "OUT")[missing])
            server.contents.withLock { $0.directories["OUT"]?[missing] = nil }
            #expect(try fetch(from: server) { $0.isRemoving = true }.isEmpty, "without \(missing)")
            server.put(file, missing, in: "OUT")
        }
        let files = server.files(in: "OUT")
        let fetched = try fetch(from: server) {
            $0.isRemoving = true
            $0.trust = .pinned([signet.receiver])
        }
        #expect(fetched.map(\.status) == [0])
        #expect(fetched.map(\.documents.count) == [number])
        #expect(try scratch.names(in: "answers") == names.sorted())
        for name in names { #expect(try scratch.read("answers/" + name) == files[name]) }
        #expect(server.files(in: "OUT").isEmpty)
        let first = server.contents.withLock { contents in
            contents.log.first { if case .remove = $0 { true } else { false } }
        }
        #expect(first == .remove("OUT/" + names[0]))
    }

    @Test func `what an interrupted removal left of an answer in parts goes, and another's stays`() throws {
        let server = MemoryServer()
        let names = try putParts(2, on: server)
        _ = try fetch(from: server)
        server.contents.withLock { $0.directories["OUT"]?[names[0]] = nil }
        server.put([1], names[1], in: "OUT")
        _ = try fetch(from: server) { $0.isRemoving = true }
        #expect(Array(server.files(in: "OUT").keys) == [names[1]])
    }

    @Test func `a part whose signature does not hold keeps the whole answer out`() throws {
        let server = MemoryServer()
        let names = try putParts(3, on: server)
        server.put([1], names[3], in: "OUT")
        #expect(try fetch(from: server) { $0.isRemoving = true }.map(\.status) == [1])
        #expect(try scratch.names(in: "answers").isEmpty)
        #expect(server.files(in: "OUT").count == names.count)
    }

    @Test func `a notification is summed up`() throws {
        let server = MemoryServer()
        func form(_ result: Int, _ ticket: String, _ errors: String) -> String {
            "<Form><Identification>NOTI001</Identification><HandledReference><ReferenceNbr>\(ticket)</ReferenceNbr>"
                + "</HandledReference><HandlingResult><ResultCode>\(result)</ResultCode>\(errors)</HandlingResult></Form>"
        }
        let error = "<AnomalyReport><ErrorID>00011-155</ErrorID></AnomalyReport>"
        let forms = form(1, "0340AB12CD4XZ", "") + form(0, "03400000001DZ", error)
        put(Array("<NOTIFICATION>\(forms)</NOTIFICATION>".utf8), 1, on: server, purpose: "NOTI")
        put(Array("<IDFLUX/>".utf8), 2, on: server, purpose: "IDFL")
        let fetched = try fetch(from: server)
        let notification = try #require(fetched.last?.words(in: .en))
        #expect(notification.contains("1 accepted, 1 refused"))
        #expect(notification.contains("03400000001DZ refused: 00011-155"))
        #expect(fetched[0].content == nil)
        #expect(FetchedAnswer.status(of: fetched) == 0)
    }

    @Test func `removal is the GO first and leaves nothing`() throws {
        let server = MemoryServer()
        put(Signet.receipt(of: go), 1, on: server)
        _ = try fetch(from: server) { $0.isRemoving = true }
        #expect(server.files(in: "OUT").isEmpty)
        let removals = server.contents.withLock { contents in
            contents.log.compactMap {
                if case .remove(let path) = $0 { path.prefix(6).suffix(2) } else { nil }
            }
        }
        #expect(removals == ["GO", "FS", "FO"])
        #expect(try scratch.names(in: "answers").count == 3)
    }

    @Test func `wherever a run ends, the answer is whole on one side, and the next run ends the work`() throws
    {
        // One list, two reads, three removals, one list again.
        for step in 0..<7 {
            let scratch = try Scratch()
            let calls = Mutex(0)
            let server = MemoryServer(ending: { call in
                guard call != .connect else { return .good }
                let number = calls.withLock { count in
                    count += 1
                    return count
                }
                return number == step + 1 ? .fault(RemoteFault(.untrusted, "over for this run")) : .good
            })
            put(Signet.receipt(of: go), 1, on: server)
            var settings = AnswerFetch.Settings(directory: scratch.file("answers"))
            settings.isRemoving = true
            func run(_ settings: AnswerFetch.Settings) throws {
                let time = TestTime()
                _ = try AnswerFetch(settings) {
                    FileAnswerSource(
                        Link(
                            to: server, as: MemoryServer.logIn, patience: 10, timing: time.timing,
                            note: { _ in }),
                        at: MailboxPaths(home: nil), mailboxes: [.outgoing])
                }.run { _ in }
            }
            try? run(settings)
            let mine = (try? scratch.names(in: "answers")) ?? []
            let theirs = server.files(in: "OUT").keys.sorted()
            let isHere = mine.filter { !$0.hasPrefix(".") }.count == 3
            #expect(isHere || theirs.count == 3, "step \(step): here \(mine), there \(theirs)")
            #expect(throws: Never.self, "step \(step)") { try run(settings) }
            #expect(try scratch.names(in: "answers").count == 3, "step \(step)")
            #expect(server.files(in: "OUT").isEmpty, "step \(step)")
        }
    }

    @Test func `a connection that breaks is made again and the file begun anew`() throws {
        let cuts = Mutex(3)
        let server = MemoryServer(ending: { call in
            guard case .read = call else { return .good }
            return cuts.withLock { left in
                left -= 1
                return left >= 0 ? .cutAfter : .good
            }
        })
        put(Signet.receipt(of: go), 1, on: server)
        #expect(try fetch(from: server)[0].status == 0)
        #expect(try scratch.read("answers/FO.ACRF.999999.20230420.00001.R") == Signet.receipt(of: go))
    }

    @Test func `what remains of others' uploads and strange names is left alone`() throws {
        let server = MemoryServer()
        server.put([1], "FO.ACRF.999999.20230420.00009.R", in: "OUT")
        server.put([1], "../x", in: "OUT")
        #expect(try fetch(from: server) { $0.isRemoving = true }.isEmpty)
        #expect(server.files(in: "OUT").count == 2)
    }

    @Test func `an unreachable server and a directory that cannot be made have their status`() throws {
        let gone = MemoryServer(ending: { _ in .fault(RemoteFault(.unreachable, "nobody there")) })
        func status(_ server: MemoryServer, _ directory: String) -> Int32? {
            do {
                _ = try fetch(from: server) { $0.directory = directory }
                return nil
            } catch {
                return (error as? AnswerFetch.Fault)?.status
            }
        }
        #expect(status(gone, home) == 75)
        #expect(status(MemoryServer(), "/proc/nowhere/answers") == 1)
    }
}
