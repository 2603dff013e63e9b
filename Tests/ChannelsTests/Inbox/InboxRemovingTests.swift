import Exchange
import Synchronization
import Testing

@testable import Channels

/// What happens between the sealing of a set and its disappearance from the server.
@Suite struct InboxRemovingTests {
    private let stem = InboxRig.stem

    private func rig() throws -> InboxRig {
        let rig = try InboxRig()
        rig.putFiles()
        rig.put("GO.\(stem)")
        return rig
    }

    @Test(arguments: [RemoteFault.Kind.notAllowed, .noSuchFile])
    func `a server that refuses removals has no set taken twice`(_ kind: RemoteFault.Kind) throws {
        let rig = try rig()
        rig.server.fail { $0.kind == "remove" ? .fails(kind) : .fine }
        for _ in 0..<20 { rig.look(after: 400) }
        rig.restart()
        for _ in 0..<20 { rig.look(after: 400) }
        #expect(rig.intake.sealed.count == 1)
        #expect(rig.intake.marks.count == 1)
        #expect(rig.incoming.count == 3)
        #expect(rig.log.lines(with: "is not removed").count == 2, "once in each run")
        rig.put("ZI.\(stem).1", "another set goes on")
        rig.look(after: 400)
        #expect(rig.intake.sealed.count == 2)
        rig.server.fail { _ in .fine }
        rig.look(after: 400)
        rig.look(after: 400)
        #expect(rig.incoming.isEmpty && rig.intake.marks.isEmpty)
        #expect(rig.intake.sealed.count == 2)
    }

    @Test func `a server that says it removed a file and keeps it has no set taken twice`() throws {
        let rig = try rig()
        rig.server.keepsRemoved.withLock { $0 = true }
        for _ in 0..<10 { rig.look(after: 400) }
        #expect(rig.intake.sealed.count == 1)
        #expect(rig.incoming.count == 3)
        rig.server.keepsRemoved.withLock { $0 = false }
        rig.look(after: 400)
        #expect(rig.incoming.isEmpty && rig.intake.marks.isEmpty)
    }

    @Test(arguments: ["TD", "GO"])
    func `files sent again between their removal and the look for it stay, even where stamps tell nothing`(
        _ trigger: String
    ) throws {
        let rig = try InboxRig()
        rig.server.isCoarse.withLock { $0 = true }
        rig.putFiles()
        rig.put("\(trigger).\(stem)")
        let removals = Mutex(0)
        rig.server.fail { [stem, unowned rig] call in
            if call.kind == "remove" { removals.withLock { $0 += 1 } }
            let isBetween = call.kind == "list" && removals.withLock { $0 == 3 }
            if isBetween {
                removals.withLock { $0 = 4 }
                rig.putFiles(stem)
            }
            return .fine
        }
        for _ in 0..<3 { rig.look(after: 400) }
        #expect(rig.incoming.count == 2, "the new ones were removed")
        rig.put("GO.\(stem)")
        rig.look()
        #expect(rig.intake.sealed.last?.files.count == 2)
        #expect(rig.intake.sealed.count == (trigger == "TD" ? 1 : 2))
        #expect(rig.incoming.isEmpty && rig.intake.marks.isEmpty)
    }

    @Test(arguments: ["GO", "FS", "FI"])
    func `a removal that is broken off is finished, before and after a restart`(_ prefix: String) throws {
        for isEffective in [false, true] {
            for isRestarted in [false, true] {
                let rig = try rig()
                rig.server.fail { call in
                    guard call.kind == "remove", call.target.contains("/\(prefix).") else { return .fine }
                    return isEffective ? .breaksAfterwards : .fails(.brokenOff)
                }
                rig.look()
                #expect(rig.intake.sealed.count == 1)
                rig.server.fail { _ in .fine }
                if isRestarted { rig.restart() }
                rig.look()
                #expect(rig.intake.sealed.count == 1, "what was left was taken for a set")
                #expect(rig.incoming.isEmpty)
            }
        }
    }

    @Test func `a set sealed just before the end of the process is only removed by the next`() throws {
        let rig = try rig()
        rig.intake.fail { $0 == "seal" ? .isCutOff : .fine }
        rig.look()
        #expect(rig.intake.sealed.count == 1 && rig.incoming.count == 3)
        rig.intake.fail { _ in .fine }
        rig.restart()
        _ = rig.server.calls("none")
        rig.look()
        #expect(rig.server.calls("read").isEmpty)
        #expect(rig.intake.sealed.count == 1)
        #expect(rig.incoming.isEmpty && rig.intake.marks.isEmpty)
    }

    @Test func `another set under the name of one that was sealed before the end of the process is taken`()
        throws
    {
        let rig = try rig()
        rig.intake.fail { $0 == "seal" ? .isCutOff : .fine }
        rig.look()
        rig.intake.fail { _ in .fine }
        rig.restart()
        rig.put("FI.\(stem).1", "corrected")
        rig.look()
        #expect(
            rig.intake.sealed.map { $0.files["FI.\(stem).1"] } == [
                Array("declaration".utf8), Array("corrected".utf8),
            ])
        #expect(rig.incoming.isEmpty && rig.intake.marks.isEmpty)
    }

    @Test func `what was replaced while the set was fetched stays as a new file`() throws {
        let rig = try rig()
        rig.intake.fail { [stem, unowned rig] call in
            if call == "seal" { rig.put("FI.\(stem).1", "newer") }
            return .fine
        }
        rig.look()
        #expect(rig.incoming == ["FI.\(stem).1"])
        #expect(rig.intake.marks.isEmpty)
        rig.intake.fail { _ in .fine }
        rig.put("FS.\(stem).1", "signature of newer")
        rig.put("GO.\(stem)")
        rig.look()
        #expect(rig.intake.sealed.last?.files["FI.\(stem).1"] == Array("newer".utf8))
        #expect(rig.incoming.isEmpty)
    }

    @Test func `a name is free again as soon as its set is gone, even where stamps tell nothing`() throws {
        let rig = try InboxRig()
        rig.server.isCoarse.withLock { $0 = true }
        for text in ["declaration 1", "declaration 2", "declaration 2"] {
            rig.putFiles(stem, text)
            rig.put("GO.\(stem)")
            rig.look()
        }
        #expect(rig.intake.sealed.count == 3)
        #expect(rig.incoming.isEmpty && rig.intake.marks.isEmpty)
    }

    @Test func `a mark an earlier run could not forget does not swallow a set that comes later`() throws {
        let rig = try InboxRig()
        rig.server.isCoarse.withLock { $0 = true }
        rig.putFiles()
        rig.put("GO.\(stem)")
        rig.intake.fail { $0 == "forget" ? .fails(.failed("disk")) : .fine }
        rig.look()
        #expect(rig.incoming.isEmpty && rig.intake.marks.count == 1)
        rig.intake.fail { _ in .fine }
        rig.restart()
        rig.look()
        rig.putFiles()
        rig.put("GO.\(stem)")
        rig.look()
        #expect(rig.intake.sealed.count == 2)
        #expect(rig.intake.marks.isEmpty)
    }

    @Test(arguments: [FakeFileServer.Form.human, .names], [false, true])
    func `a server that goes on with another form of listing has no set taken twice`(
        _ form: FakeFileServer.Form, _ isRestarted: Bool
    ) throws {
        let rig = try InboxRig()
        for name in ["FI.\(stem).1", "FS.\(stem).1", "GO.\(stem)"] {
            rig.put(name, "text of \(name)", modifiedAt: 1_000_000)
        }
        rig.server.fail { $0.kind == "remove" ? .fails(.notAllowed) : .fine }
        rig.look()
        rig.server.form.withLock { $0 = form }
        if isRestarted { rig.restart() }
        for _ in 0..<3 { rig.look(after: 400) }
        rig.server.form.withLock { $0 = .machine }
        for _ in 0..<3 { rig.look(after: 400) }
        #expect(rig.intake.sealed.count == 1)
        #expect(rig.intake.marks.count == 1)
        rig.server.fail { _ in .fine }
        rig.look(after: 400)
        #expect(rig.incoming.isEmpty && rig.intake.marks.isEmpty)
    }

    @Test func `another set of the same lengths is taken after an old one in whatever form it was listed`()
        throws
    {
        for form in [FakeFileServer.Form.machine, .human] {
            let rig = try InboxRig()
            rig.put("ZI.\(stem).1", "1", modifiedAt: 1_000_000)
            rig.server.fail { $0.kind == "remove" ? .fails(.notAllowed) : .fine }
            rig.server.form.withLock { $0 = form }
            rig.look()
            rig.server.form.withLock { $0 = .machine }
            rig.look(after: 400)
            rig.put("ZI.\(stem).1", "2", modifiedAt: 1_000_001)
            rig.look(after: 400)
            #expect(rig.intake.sealed.map { $0.files["ZI.\(stem).1"] } == [Array("1".utf8), Array("2".utf8)])
        }
    }

    @Test func `of two sets with one stem the one that was sealed before is not taken again`() throws {
        let other = "DMFA.006400.20260420.00001.T.1"
        let rig = try InboxRig()
        rig.putFiles(other)
        rig.put("GO.\(other)")
        rig.intake.fail { $0 == "seal" ? .isCutOff : .fine }
        rig.look()
        rig.intake.fail { _ in .fine }
        rig.putFiles(stem)
        rig.put("GO.\(stem)")
        rig.restart()
        for _ in 0..<4 { rig.look() }
        #expect(rig.intake.sealed.map(\.name) == ["GO.\(other)", "GO.\(stem)"])
        #expect(rig.incoming.isEmpty && rig.intake.marks.isEmpty)
    }

    @Test func `two GOs of one set are taken one after the other`() throws {
        let rig = try rig()
        rig.put("GO.DMFA.006400.20260420.00001.R.2")
        rig.look()
        rig.look()
        #expect(rig.intake.sealed.map(\.name) == ["GO.\(stem)", "GO.DMFA.006400.20260420.00001.R.2"])
        #expect(rig.intake.sealed.map(\.files.count) == [2, 0])
        #expect(rig.incoming.isEmpty && rig.intake.marks.isEmpty)
    }

    @Test func `a directory that cannot be read for a while has nothing forgotten`() throws {
        let rig = try rig()
        rig.server.fail { $0.kind == "remove" ? .fails(.notAllowed) : .fine }
        rig.look()
        rig.server.fail { $0.kind == "list" ? .fails(.noSuchFile) : .fine }
        rig.look(after: 400)
        rig.server.fail { _ in .fine }
        rig.look(after: 400)
        rig.look(after: 400)
        #expect(rig.intake.sealed.count == 1 && rig.incoming.isEmpty)
    }
}
