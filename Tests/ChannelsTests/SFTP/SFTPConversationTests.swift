import Exchange
import Foundation
import Synchronization
import Testing

@testable import Channels

@Suite struct SFTPConversationTests {
    @Test func `a session begins with versions, once`() {
        let talk = SFTPTestTalk()
        #expect(talk.offer(.initialise) == .broken)
        let other = SFTPConversation(
            home: FakeHome(), user: "EXPacme", handleLimit: 1, allowance: .unlimited
        ) { _, _ in }
        #expect(SFTPTestPacket.close(1, 1).bytes.withUnsafeBytes { other.receive($0) } == .broken)
        _ = SFTPTestPacket.initialise.bytes.withUnsafeBytes { other.receive($0) }
        let reply = SFTPTestReply(Array(other.replies.take(leaving: []).dropFirst(4)))
        #expect(
            reply == .version(3, ["posix-rename@openssh.com", "fsync@openssh.com", "limits@openssh.com"]))
    }

    @Test func `a file is written, seen, read back and removed`() {
        let talk = SFTPTestTalk()
        let handle = talk.open("/IN/a")
        #expect(talk.ask(.write(2, handle, 0, [1, 2, 3])).first?.code == 0)
        #expect(talk.ask(.write(3, handle, 3, [4])).first?.code == 0)
        #expect(talk.ask(.close(4, handle)).first?.code == 0)
        #expect(talk.home.bytes("a", in: .incoming) == [1, 2, 3, 4])
        let reading = talk.open("IN/a", 1)
        #expect(talk.ask(.read(5, reading, 1, 1000)) == [.data(id: 5, [2, 3, 4])])
        #expect(talk.ask(.read(6, reading, 4, 1000)).first?.code == 1)
        #expect(talk.ask(.read(7, reading, .max, .max)).first?.code == 1)
        #expect(talk.ask(.close(8, reading)).first?.code == 0)
        #expect(talk.ask(.path(13, 9, "/IN/a")).first?.code == 0)
        #expect(talk.ask(.path(17, 10, "/IN/a")).first?.code == 2)
    }

    @Test(
        arguments: [
            (0x02, [9, 9, 3]), (0x0A, [9, 9, 3]), (0x1A, [9, 9]), (0x0E, [1, 2, 3, 9, 9]),
            (0x06, [1, 2, 3, 9, 9]),
        ] as [(UInt32, [UInt8])])
    func `a file that is there is resumed, replaced or appended to`(flags: UInt32, result: [UInt8]) {
        let talk = SFTPTestTalk()
        talk.home.put([1, 2, 3], "a", in: .incoming)
        let handle = talk.open("/IN/a", flags)
        #expect(talk.ask(.write(2, handle, 0, [9, 9])).first?.code == 0)
        #expect(talk.ask(.close(3, handle)).first?.code == 0)
        #expect(talk.home.bytes("a", in: .incoming) == result)
    }

    @Test func `an exclusive upload of a file that is there fails, one without create needs the file`() {
        let talk = SFTPTestTalk()
        talk.home.put([1], "a", in: .incoming)
        #expect(talk.ask(.open(1, "/IN/a", 0x2A)).first?.message == "file already there")
        #expect(talk.ask(.open(1, "/IN/b", 0x02)).first?.code == 2)
        #expect(talk.ask(.open(1, "/IN/b", 0x2A)).first?.handle != nil)
    }

    @Test func `outgoing directories take no writing, but removing`() {
        let talk = SFTPTestTalk()
        talk.home.put([1], "a", in: .outgoing)
        #expect(talk.ask(.open(1, "/OUT/b", 0x1A)).first?.code == 3)
        #expect(talk.ask(.path(13, 2, "/OUT/a")).first?.code == 0)
    }

    @Test func `the root lists the six directories, and a directory its files in batches`() {
        let talk = SFTPTestTalk()
        for number in 0..<250 { talk.home.put([1], "f\(1000 + number)", in: .outgoing) }
        let root = talk.ask(.path(11, 1, "/")).first?.handle ?? 0
        guard case .names(_, let names, let long) = talk.ask(SFTPTestPacket(12, 2).handle(root)).first else {
            Issue.record("no names")
            return
        }
        #expect(names == Mailbox.allCases.map(\.rawValue))
        #expect(long.first?.hasPrefix("drwx------    1 EXPacme EXPacme        0 ") == true)
        #expect(talk.ask(SFTPTestPacket(12, 3).handle(root)).first?.code == 1)
        let out = talk.ask(.path(11, 4, "/OUT")).first?.handle ?? 0
        var counts: [Int] = []
        while case .names(_, let names, _) = talk.ask(SFTPTestPacket(12, 5).handle(out)).first {
            counts.append(names.count)
        }
        #expect(counts == [100, 100, 50])
    }

    @Test func `a long name shows no control character`() {
        let talk = SFTPTestTalk()
        talk.home.put([1], "a\u{1B}[2J", in: .outgoing)
        let out = talk.ask(.path(11, 4, "/OUT")).first?.handle ?? 0
        guard case .names(_, let names, let long) = talk.ask(SFTPTestPacket(12, 5).handle(out)).first else {
            Issue.record("no names")
            return
        }
        #expect(names == ["a\u{1B}[2J"])
        #expect(long.first?.hasSuffix(" a?[2J") == true)
    }

    @Test func `the answer to the closing of a trigger comes with its completion, and others do not wait`() {
        var options = FakeHome.Options()
        options.delay = 0.05
        let talk = SFTPTestTalk(options)
        let handle = talk.open("/IN/GO.X")
        #expect(talk.ask(.close(2, handle)).isEmpty)
        #expect(talk.conversation.waitingCount == 1)
        #expect(talk.ask(.path(16, 3, ".")).count == 1)
        #expect(talk.ask(.write(4, handle, 0, [1])).first?.message == "the handle is being closed")
        #expect(talk.ask(.close(5, handle)).first?.code == 4)
        #expect(talk.settle() == [.status(id: 2, code: 0, message: "")])
        #expect(talk.ask(.close(6, handle)).first?.message == "no such handle")
    }

    @Test func `what was closed a moment ago is still seen by who closed it, until removed`() {
        let talk = SFTPTestTalk()
        let handle = talk.open("/IN/GO.X")
        _ = talk.ask(.write(2, handle, 0, [1, 2]))
        _ = talk.ask(.close(3, handle))
        #expect(talk.home.bytes("GO.X", in: .incoming) == nil)
        guard case .attributes(_, let attributes) = talk.ask(.path(17, 4, "/IN/GO.X")).first else {
            Issue.record("not seen")
            return
        }
        #expect(attributes.size == 2)
        #expect(talk.ask(.path(17, 5, "/INTEST/GO.X")).first?.code == 2)
    }

    @Test func `a trigger that got its name by a rename is still seen, for a minute`() {
        let clock = TestClock()
        let talk = SFTPTestTalk(now: clock.now)
        _ = talk.ask(.close(2, talk.open("/IN/FI.X.1")))
        _ = talk.ask(.close(3, talk.open("/IN/GO.X.filepart")))
        let rename = SFTPTestPacket(18, 4).adding("/IN/GO.X.filepart").adding("/IN/GO.X")
        #expect(talk.ask(rename).first?.code == 0)
        #expect(talk.home.sealedBytes("GO.X", in: .incoming) == [])
        #expect(talk.home.bytes("GO.X", in: .incoming) == nil)
        clock.date += 59
        for name in ["GO.X", "FI.X.1"] {
            guard case .attributes(_, let attributes) = talk.ask(.path(17, 5, "/IN/\(name)")).first else {
                Issue.record("\(name) not seen")
                return
            }
            #expect(attributes.size == 0)
        }
        #expect(talk.ask(.path(17, 6, "/IN/GO.X.filepart")).first?.code == 2)
        clock.date += 2
        #expect(talk.ask(.path(17, 7, "/IN/GO.X")).first?.code == 2)
    }

    @Test func `a rename that failed shows nothing`() {
        let talk = SFTPTestTalk()
        let rename = SFTPTestPacket(18, 4).adding("/IN/GO.X.filepart").adding("/IN/GO.X")
        #expect(talk.ask(rename).first?.code == 2)
        #expect(talk.ask(.path(17, 7, "/IN/GO.X")).first?.code == 2)
    }

    @Test func `two directories may be open, and files are not counted among them`() {
        let talk = SFTPTestTalk()
        _ = talk.open("/IN/a")
        let first = talk.ask(.path(11, 1, "/")).first?.handle ?? 0
        #expect(talk.ask(.path(11, 1, "/OUT")).first?.handle != nil)
        #expect(
            talk.ask(.path(11, 1, "/IN")).first?.message == "too many open directories (2 at the most)")
        #expect(talk.open("/IN/b") != 0)
        #expect(talk.ask(.close(2, first)).first?.code == 0)
        #expect(talk.ask(.path(11, 1, "/IN")).first?.handle != nil)
    }

    @Test func `every file handle goes back to the sender's allowance once, however it ends`() {
        var options = FakeHome.Options()
        options.largest = 4
        let count = FileCount(limit: 3)
        let talk = SFTPTestTalk(options, allowance: count.allowance)
        talk.home.put([1], "out", in: .outgoing)
        let upload = talk.open("/IN/a")
        let download = talk.open("/OUT/out", 1)
        let failing = talk.open("/IN/b")
        #expect(count.taken == 3)
        #expect(
            talk.ask(.open(1, "/IN/c", 0x1A)).first?.message
                == "too many open files of this sender (3 at the most)")
        #expect(talk.ask(.path(11, 1, "/")).first?.handle != nil)
        _ = talk.ask(.write(2, failing, 0, [1, 2, 3, 4, 5]))
        for handle in [upload, download, failing] { _ = talk.ask(.close(3, handle)) }
        #expect(count.taken == 0)
        _ = talk.ask(.close(3, upload))
        #expect(talk.ask(.open(1, "/OUT/missing", 1)).first?.code == 2)
        #expect(count.taken == 0)
        _ = talk.open("/IN/d")
        talk.conversation.end()
        #expect(count.taken == 0)
    }

    @Test func `requests behind a sync wait for it`() {
        var options = FakeHome.Options()
        options.delay = 0.05
        let talk = SFTPTestTalk(options)
        let handle = talk.open("/IN/a")
        #expect(talk.ask(SFTPTestPacket(200, 2).adding("fsync@openssh.com").handle(handle)).isEmpty)
        #expect(talk.offer(.write(3, handle, 0, [1])) == .held)
        #expect(talk.settle().first?.code == 0)
        #expect(talk.offer(.write(3, handle, 0, [1])) == .taken)
        #expect(talk.home.syncs == 1)
    }

    @Test func `a sender that is to pause begins and renames nothing meanwhile, and does all else`() {
        let talk = SFTPTestTalk()
        let handle = talk.open("/IN/a")
        talk.home.pause(until: .distantFuture)
        for access: UInt32 in [0x1A, 0x0C] { #expect(talk.offer(.open(1, "/IN/b", access)) == .held) }
        #expect(talk.offer(SFTPTestPacket(18, 1).adding("/IN/a").adding("/IN/c")) == .held)
        #expect(talk.ask(.write(2, handle, 0, [1])).first?.code == 0)
        #expect(talk.ask(.close(3, handle)).first?.code == 0)
        #expect(talk.open("/IN/a", 1) != 0)
        #expect(talk.ask(.path(11, 4, "/IN")).first?.handle != nil)
        talk.home.pause(until: .distantPast)
        #expect(talk.open("/IN/b") != 0)
    }

    @Test func `a request is held for so long, and its next one is held again`() {
        let time = Mutex(1000.0)
        let talk = SFTPTestTalk(seconds: { time.withLock { $0 } })
        talk.home.pause(until: .distantFuture)
        #expect(talk.offer(.open(1, "/IN/a", 0x1A)) == .held)
        time.withLock { $0 += SFTPConversation.longestHold - 0.1 }
        #expect(talk.offer(.open(1, "/IN/a", 0x1A)) == .held)
        time.withLock { $0 += 0.2 }
        #expect(talk.offer(.open(1, "/IN/a", 0x1A)) == .taken)
        #expect(talk.offer(.open(1, "/IN/b", 0x1A)) == .held)
    }

    @Test func `a failed write leaves the session usable, and its file triggers nothing`() {
        var options = FakeHome.Options()
        options.largest = 4
        let talk = SFTPTestTalk(options)
        let handle = talk.open("/IN/GO.X")
        #expect(talk.ask(.write(2, handle, 0, [1, 2, 3, 4, 5])).first?.message == "larger than allowed")
        #expect(talk.ask(.write(3, handle, 0, [1])).first?.code == 4)
        #expect(talk.ask(.close(4, handle)).first?.code == 4)
        #expect(talk.home.closed.isEmpty)
        #expect(talk.home.abandoned == ["GO.X"])
        #expect(talk.open("/IN/b") != 0)
    }

    @Test func `the newest upload owns the file`() {
        let talk = SFTPTestTalk()
        let older = talk.open("/IN/a")
        let newer = talk.open("/IN/a")
        #expect(
            talk.ask(.write(2, older, 0, [1])).first?.message
                == "taken over by a newer upload or already sealed")
        #expect(talk.ask(.write(3, newer, 0, [2])).first?.code == 0)
        _ = talk.ask(.close(4, older))
        #expect(talk.ask(.close(5, newer)).first?.code == 0)
        #expect(talk.home.bytes("a", in: .incoming) == [2])
    }

    @Test func `a session that ends abandons what is open`() {
        let talk = SFTPTestTalk()
        _ = talk.open("/IN/GO.X")
        talk.conversation.end()
        #expect(talk.home.abandoned == ["GO.X"])
        #expect(talk.home.closed.isEmpty)
    }

    @Test func `handles are bounded and come back`() {
        let talk = SFTPTestTalk(handles: 2)
        let first = talk.open("/IN/a")
        _ = talk.ask(.path(11, 1, "/"))
        #expect(talk.ask(.open(1, "/IN/b", 0x1A)).first?.message == "too many open files (2 at the most)")
        #expect(talk.ask(.path(11, 1, "/")).first?.code == 4)
        _ = talk.ask(.close(2, first))
        #expect(talk.open("/IN/b") != 0)
    }

    @Test func `modes and times are taken and forgotten, size cuts an open upload only`() {
        let talk = SFTPTestTalk()
        talk.home.put([1, 2, 3], "a", in: .incoming)
        let mode = SFTPTestPacket(9, 1).adding("/IN/gone").adding(UInt32(4)).adding(UInt32(0o644))
        #expect(talk.ask(mode).first?.code == 0)
        let cut = SFTPTestPacket(9, 1).adding("/IN/a").adding(UInt32(1)).adding(UInt64(1))
        #expect(talk.ask(cut).first?.code == 3)
        let handle = talk.open("/IN/a", 0x02)
        #expect(talk.ask(cut).first?.code == 0)
        #expect(talk.home.bytes("a", in: .incoming) == [1])
        #expect(
            talk.ask(SFTPTestPacket(10, 2).handle(handle).adding(UInt32(1)).adding(UInt64(3))).first?.code
                == 0)
        #expect(talk.home.bytes("a", in: .incoming) == [1, 0, 0])
    }

    @Test func `a rename stays in its directory, and replaces only in the POSIX way`() {
        let talk = SFTPTestTalk()
        talk.home.put([1], "a", in: .incoming)
        talk.home.put([2], "b", in: .incoming)
        let plain = SFTPTestPacket(18, 1).adding("/IN/a").adding("/IN/b")
        let posix = SFTPTestPacket(200, 2).adding("posix-rename@openssh.com").adding("/IN/a").adding("/IN/b")
        #expect(talk.ask(plain).first?.message == "file already there")
        #expect(talk.ask(posix).first?.code == 0)
        #expect(talk.home.bytes("b", in: .incoming) == [1])
        #expect(talk.ask(SFTPTestPacket(18, 3).adding("/IN/b").adding("/INTEST/b")).first?.code == 3)
        #expect(talk.ask(SFTPTestPacket(18, 4).adding("/IN").adding("/X")).first?.code == 3)
    }

    @Test func `directories are neither made nor removed, and one that is there says so`() {
        let talk = SFTPTestTalk()
        #expect(
            talk.ask(SFTPTestPacket(14, 1).adding("/IN").adding(UInt32(0))).first?.message == "already exists"
        )
        #expect(talk.ask(SFTPTestPacket(14, 1).adding("/new").adding(UInt32(0))).first?.code == 3)
        #expect(talk.ask(.path(15, 1, "/IN")).first?.code == 3)
        #expect(talk.ask(.path(13, 1, "/IN")).first?.code == 3)
    }

    @Test func `a name that is too long is told so`() {
        let talk = SFTPTestTalk()
        let reply = talk.ask(.open(1, "/IN/" + String(repeating: "x", count: 81), 0x1A)).first
        #expect(reply == .status(id: 1, code: 4, message: "name too long (80 bytes at the most)"))
        #expect(talk.ask(.open(1, "/elsewhere", 0x1A)).first?.code == 3)
        #expect(talk.ask(.path(17, 1, "/elsewhere")).first?.code == 2)
    }

    @Test func `what is not spoken is refused and the session goes on`() {
        let talk = SFTPTestTalk()
        #expect(talk.ask(SFTPTestPacket(77, 1)).first?.code == 8)
        #expect(talk.ask(.path(19, 1, "/IN")).first?.code == 8)
        #expect(talk.ask(SFTPTestPacket(3, 1)).first?.code == 5)
        guard
            case .extended(_, let limits) = talk.ask(SFTPTestPacket(200, 2).adding("limits@openssh.com"))
                .first
        else {
            Issue.record("no limits")
            return
        }
        #expect(limits.count == 32 && limits.last == 64)
    }
}

/// A clock that stands still until moved.
private final class TestClock {
    var date = Date()

    func now() -> Date { date }
}

/// Counts what a session took of its sender's allowance.
private final class FileCount: Sendable {
    private let limit: Int
    private let count = Mutex(0)

    init(limit: Int) { self.limit = limit }

    var taken: Int { count.withLock { $0 } }

    var allowance: SFTPFileAllowance {
        SFTPFileAllowance(
            limit: limit,
            take: {
                self.count.withLock { count in
                    guard count < self.limit else { return false }
                    count += 1
                    return true
                }
            },
            giveBack: { self.count.withLock { $0 -= 1 } })
    }
}
