import Exchange
import Synchronization
import Testing

@testable import Channels

@Suite struct InboxFetchTests {
    private let stem = InboxRig.stem
    private let text = "a declaration of some length, to be fetched in many pieces"

    private func rig(_ change: @escaping @Sendable (inout Inbox.Configuration) -> Void = { _ in }) throws
        -> InboxRig
    {
        let rig = try InboxRig(["006400"], change)
        rig.putFiles(stem, text)
        rig.put("GO.\(stem)")
        return rig
    }

    private func declaration(_ rig: InboxRig) -> String? {
        rig.intake.sealed.first?.files["FI.\(stem).1"].map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func `a fetch that breaks off goes on where it ended`() throws {
        let rig = try rig()
        let breaks = Mutex(3)
        rig.server.fail { call in
            guard call.kind == "read", call.target.contains("/FI.") else { return .fine }
            return breaks.withLock { left in
                left -= 1
                return left >= 0 ? .breaksAfterwards : .fine
            }
        }
        rig.look()
        #expect(declaration(rig) == text)
        #expect(rig.incoming.isEmpty)
    }

    @Test func `a file that is replaced while its fetch breaks off is not taken in two halves`() throws {
        let rig = try rig()
        let isFirst = Mutex(true)
        rig.server.fail { [stem, unowned rig] call in
            guard call.kind == "read", call.target.contains("/FI."),
                isFirst.withLock({ first in
                    defer { first = false }
                    return first
                })
            else { return .fine }
            rig.put("FI.\(stem).1", "another text altogether, of another length, which must stand alone")
            return .breaksAfterwards
        }
        rig.look()
        #expect(rig.intake.sealed.isEmpty)
        rig.look()
        #expect(declaration(rig) == "another text altogether, of another length, which must stand alone")
        #expect(rig.intake.sealed.count == 1)
    }

    @Test func `a connection that always breaks is given up, and the account waits`() throws {
        let rig = try rig()
        rig.server.fail { $0.kind == "read" ? .fails(.brokenOff) : .fine }
        rig.look()
        #expect(rig.server.calls("read").count == 8)
        #expect(rig.intake.sealed.isEmpty && rig.intake.state.withLock { $0.open } == 0)
        #expect(rig.log.lines(with: "an account fails").count == 1)
    }

    @Test func `a size that differs from the listing is not taken, and both are told`() throws {
        let rig = try rig()
        rig.server.lies.withLock { $0["006400/IN/FI.\(stem).1"] = 7 }
        rig.put("ZI.\(stem).1", "another set")
        rig.look()
        #expect(rig.intake.sealed.map(\.name) == ["ZI.\(stem).1"], "another set was kept from being taken")
        let lines = rig.log.lines(with: "a set is not taken yet")
        #expect(lines.count == 1)
        #expect(lines.first?.contains("with 7 bytes and came with \(text.utf8.count)") == true)
        #expect(rig.intake.state.withLock { $0.open } == 0)
        rig.server.lies.withLock { $0 = [:] }
        rig.look()
        #expect(rig.intake.sealed.last?.files["FI.\(stem).1"] == Array(text.utf8))
    }

    @Test func `of a file that is too large what fits is kept, for its code`() throws {
        let rig = try rig()
        rig.intake.largest.withLock { $0 = 30 }
        rig.look()
        #expect(declaration(rig) == String(text.prefix(28)))
        #expect(rig.intake.sealed.first?.files.count == 2)
        #expect(rig.incoming.isEmpty)
    }

    @Test func `of a set that is too large only the first piece of the other files is fetched`() throws {
        let rig = try rig { $0.setLimit = 40 }
        rig.look()
        let sizes = rig.intake.sealed.first?.files.mapValues(\.count)
        #expect(sizes == ["FI.\(stem).1": text.utf8.count, "FS.\(stem).1": 7])
    }

    @Test func `more files than any set has are taken as far as the spool takes them`() throws {
        let rig = try InboxRig()
        for total in 1...3 {
            for part in 0...9 { rig.put("FI.DMFA.006400.20260420.00001.R.\(total).\(part)", "x") }
        }
        rig.put("GO.DMFA.006400.20260420.00001.R.1")
        let count = Mutex(0)
        rig.intake.fail { call in
            guard call == "upload" else { return .fine }
            return count.withLock { count in
                count += 1
                return count > 25 ? .fails(.tooManyFiles) : .fine
            }
        }
        rig.look()
        rig.look()
        #expect(rig.intake.sealed.map(\.files.count) == [25])
        #expect(rig.incoming.isEmpty)
    }

    @Test(arguments: ["begin", "ask", "upload", "write", "close", "seal"])
    func `what the spool does not take stays at the server until it does`(_ call: String) throws {
        for fault in [HomeFault.outOfSpace, .failed("disk"), .tooManyFiles] {
            let rig = try rig()
            rig.intake.fail { $0 == call ? .fails(fault) : .fine }
            rig.look()
            #expect(rig.intake.sealed.isEmpty && rig.incoming.count == 3)
            #expect(rig.intake.state.withLock { $0.open } == 0)
            rig.intake.fail { _ in .fine }
            rig.look()
            #expect(declaration(rig) == text)
            #expect(rig.intake.sealed.count == 1 && rig.incoming.isEmpty)
        }
    }

    @Test func `a spool that takes nothing still has its answers carried out`() throws {
        let rig = try rig()
        rig.intake.fail { _ in .fails(.outOfSpace) }
        rig.outbox.publish(to: try rig.sender())
        rig.look()
        #expect(rig.outgoing.count == 3)
    }

    @Test func `a file that may not be read puts off its set only`() throws {
        let rig = try rig()
        rig.server.fail { $0.kind == "read" && $0.target.contains("/FI.") ? .fails(.notAllowed) : .fine }
        rig.put("ZI.\(stem).1", "another set")
        rig.look()
        #expect(rig.intake.sealed.map(\.name) == ["ZI.\(stem).1"])
        #expect(rig.log.lines(with: "an account fails").isEmpty)
    }
}
