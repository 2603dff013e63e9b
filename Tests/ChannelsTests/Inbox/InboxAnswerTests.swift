import Exchange
import Synchronization
import Testing

@testable import Channels

@Suite struct InboxAnswerTests {
    @Test func `an answer appears complete, GO last, and is noted`() throws {
        let rig = try InboxRig()
        let stem = rig.outbox.publish(to: try rig.sender())
        _ = rig.server.calls("none")
        rig.look()
        #expect(rig.outgoing == ["FO.\(stem)", "FS.\(stem)", "GO.\(stem)"])
        #expect(rig.server.bytes("006400/OUT/FO.\(stem)") == Array("FO of \(stem)".utf8))
        let renamed = rig.server.calls("rename")
        #expect(renamed == ["FO", "FS", "GO"].map { "006400/OUT/new.\($0).\(stem).part" })
        #expect(rig.outbox.waiting.isEmpty)
    }

    @Test func `temporary names of answers are never taken for files of a set`() throws {
        let name = try #require(FileName("new.FO.ACRF.999999.20260420.00001.R.part"))
        guard case .temporary = ArrivalName(name).role else {
            Issue.record("it is not temporary")
            return
        }
    }

    @Test func `answers are asked for all senders at once, then for those that have any`() throws {
        let rig = try InboxRig((6400..<6420).map { "00\($0)" })
        let asked = Mutex(0)
        rig.outbox.fail { call in
            if call == "waiting" { asked.withLock { $0 += 1 } }
            return .fine
        }
        rig.outbox.publish(to: try rig.sender("006407"))
        rig.look()
        #expect(asked.withLock { $0 } == 2)
        #expect(rig.outbox.waiting.isEmpty)
    }

    @Test func `an answer goes to the directory it is published in`() throws {
        let rig = try InboxRig()
        let stem = rig.outbox.publish(to: try rig.sender(), in: .outgoingTest)
        rig.look()
        #expect(rig.outgoing.isEmpty)
        #expect(rig.server.names("006400/OUTTEST").last == "GO.\(stem)")
    }

    @Test func `an answer of a sender whose log-in fails waits, and others get theirs`() throws {
        let rig = try InboxRig(["006400", "006401"])
        rig.outbox.publish(to: try rig.sender("006400"))
        rig.outbox.publish(to: try rig.sender("006401"))
        rig.server.fail { $0.kind == "connect" && $0.target == "u006400" ? .fails(.notAdmitted) : .fine }
        rig.look()
        #expect(rig.outgoing.isEmpty)
        #expect(rig.server.names("006401/OUT").count == 3)
        #expect(try rig.outbox.waiting.map(\.sender) == [rig.sender("006400")])
        rig.server.fail { _ in .fine }
        rig.look()
        #expect(rig.outgoing.count == 3)
    }

    @Test(arguments: ["write", "rename"], ["FO.", "FS.", "GO."])
    func `an answer that is broken off or refused is carried out again, once`(_ kind: String, _ part: String)
        throws
    {
        for fate in [FakeFileServer.Fate.fails(.brokenOff), .breaksAfterwards, .fails(.notAllowed)] {
            let rig = try InboxRig()
            rig.server.hidesDots.withLock { $0 = true }
            let stem = rig.outbox.publish(to: try rig.sender())
            rig.server.fail { $0.kind == kind && $0.target.contains(part) ? fate : .fine }
            rig.look()
            rig.server.fail { _ in .fine }
            // The reader takes whatever is complete at once.
            var taken = rig.readAnswers()
            rig.look()
            taken += rig.readAnswers()
            #expect(taken == [stem])
            #expect(rig.outgoing.isEmpty && rig.outbox.waiting.isEmpty)
        }
    }

    @Test func `an answer that was carried out and could not be noted is not carried out again`() throws {
        let rig = try InboxRig()
        let stem = rig.outbox.publish(to: try rig.sender())
        rig.outbox.fail { $0 == "note" ? .fails(.failed("disk")) : .fine }
        rig.look()
        #expect(rig.readAnswers() == [stem])
        rig.outbox.fail { _ in .fine }
        rig.look()
        #expect(rig.outgoing.isEmpty && rig.outbox.waiting.isEmpty)
    }

    @Test func `after a crash before it was noted an answer is written again under the same names`() throws {
        let rig = try InboxRig()
        let stem = rig.outbox.publish(to: try rig.sender())
        rig.outbox.fail { $0 == "note" ? .fails(.failed("dead")) : .fine }
        rig.look()
        rig.restart()
        rig.outbox.fail { _ in .fine }
        rig.look()
        #expect(rig.readAnswers() == [stem])
        #expect(rig.outbox.waiting.isEmpty)
    }

    @Test func `a directory that takes no answers does not keep sets from being taken`() throws {
        let rig = try InboxRig()
        rig.outbox.publish(to: try rig.sender())
        rig.server.fail { $0.kind == "write" ? .fails(.tooMuch) : .fine }
        rig.put("ZI.\(InboxRig.stem).1", "a set")
        rig.look()
        rig.look()
        rig.look()
        #expect(rig.intake.sealed.count == 1)
        #expect(rig.outbox.waiting.count == 1)
        #expect(rig.log.lines(with: "an answer is not carried out yet").count == 1)
        rig.server.fail { _ in .fine }
        rig.look(after: 400)
        #expect(rig.outbox.waiting.isEmpty)
    }

    @Test(arguments: [RemoteFault.Kind.notAllowed, .brokenOff])
    func `an answer that always fails holds up no other`(_ kind: RemoteFault.Kind) throws {
        let rig = try InboxRig()
        let stems = try (1...3).map { _ in rig.outbox.publish(to: try rig.sender()) }
        rig.server.fail { $0.kind == "write" && $0.target.contains(stems[0]) ? .fails(kind) : .fine }
        for _ in 0..<4 { rig.look(after: 400) }
        #expect(rig.readAnswers() == [stems[1], stems[2]])
        #expect(rig.outbox.waiting.count == 1)
        #expect(rig.log.lines(with: "is not carried out yet").count == 1)
        rig.server.fail { _ in .fine }
        rig.look(after: 400)
        #expect(rig.readAnswers() == [stems[0]])
        #expect(rig.outbox.waiting.isEmpty)
    }

    @Test func `more answers that are refused than are asked for at once hold up no other`() throws {
        let rig = try InboxRig()
        let stems = try (1...130).map { _ in rig.outbox.publish(to: try rig.sender()) }
        rig.server.fail { call in
            call.kind == "write" && stems[..<120].contains { call.target.contains($0) }
                ? .fails(.notAllowed) : .fine
        }
        for _ in 0..<60 { rig.look(after: 400) }
        #expect(rig.readAnswers() == Array(stems[120...]))
        #expect(rig.outbox.waiting.count == 120)
    }

    @Test func `a connection that was kept and ended meanwhile is no fault`() throws {
        let rig = try InboxRig(["006400", "006401"])
        rig.accounts.withLock { accounts in
            accounts = accounts.map {
                InboxAccount(
                    sender: $0.sender, logIn: RemoteLogIn(user: "all", proof: .agent), home: $0.home)
            }
        }
        let lists = Mutex(0)
        rig.server.fail { call in
            guard call.kind == "list" else { return .fine }
            // The fourth is the first of the second account.
            let count = lists.withLock { count in
                count += 1
                return count
            }
            return count == 4 ? .fails(.brokenOff) : .fine
        }
        rig.look()
        #expect(rig.log.lines(with: "an account fails").isEmpty)
    }
}

extension InboxRig {
    /// What a reader does: takes the answers whose GO is there; the stems of those.
    func readAnswers(in directory: String = "006400/OUT") -> [String] {
        server.names(directory).filter { $0.hasPrefix("GO.") }.map { name in
            let stem = String(name.dropFirst(3))
            for prefix in ["FO", "FS"] {
                let bytes = server.take("\(directory)/\(prefix).\(stem)")
                precondition(bytes == Array("\(prefix) of \(stem)".utf8), "\(prefix).\(stem) is not complete")
            }
            _ = server.take("\(directory)/GO.\(stem)")
            return stem
        }
    }
}
