import Exchange
import Foundation
import Testing

/// What is acknowledged was synced before, seen from outside: a library before the daemon's own says each sync.
@Suite struct DurabilityTests {
    private let instance: Instance
    private let client: SFTPClient
    private let syncs: String

    init() throws {
        instance = try Instance()
        syncs = instance.scratch.file("syncs")
        let sender = try instance.enrol()
        try instance.start(by: DurabilityTests.launcher(instance, syncs))
        client = try SFTPClient(instance, sender)
    }

    private static func launcher(_ instance: Instance, _ log: String) throws -> [String] {
        try PreloadLibrary.faults(for: instance, in: "spool", log: log, ["SYNCS": "1"])
    }

    /// Paths below the spool in the order in which they were synced.
    private func synced() throws -> [String] { try DurabilityTests.synced(in: syncs) }

    private static func synced(in log: String) throws -> [String] {
        try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
            .compactMap { $0.hasPrefix("synced ") ? String($0.dropFirst(7)) : nil }
    }

    private func ticket(among synced: [String]) throws -> String {
        let path = try #require(synced.first { $0.hasPrefix("held/") })
        return String(path.split(separator: "/")[1])
    }

    @Test func `when the upload of a GO ends, its set was synced and then its row; its receipt is, too`()
        throws
    {
        let set = try client.sender.set()
        let before = try synced().count
        try client.put(set.files, in: .incoming)
        let sealing = try Array(synced()[before...])
        let held = "held/" + (try ticket(among: sealing))
        let row = try #require(sealing.lastIndex(of: "ledger.sqlite-wal"))
        var needed = (set.declarations + set.signatures).map { "\(held)/\($0.name)" }
        needed += [held, "arriving/\(client.sender.number)/IN", "held"]
        for path in needed {
            let place = sealing.firstIndex(of: path)
            #expect(place.map { $0 < row } == true, "\(path) in \(sealing)")
        }

        let receipt = try client.receipt(for: set.trigger.name)
        let answer = "outbox/\(client.sender.number)/OUT"
        let published = try Array(synced()[before...])
        for part in ["FO", "FS"] {
            #expect(
                published.contains { $0.hasPrefix("\(answer)/.") && $0.hasSuffix("\(part).\(receipt.stem)") },
                "\(published)")
        }
        // The GO is seen before its directory is synced, and noted as published after that only.
        #expect(try eventually { try synced()[before...].contains(answer) })
    }

    @Test func `when the web service says 201, the set was synced and then its row`() throws {
        let web = try WebClient(instance, Route.web.sender(instance))
        let set = try web.sender.set()
        let form = try (set.declarations + set.signatures).flatMap { file in
            ["-F", "file=@\(try instance.scratch.write(file.bytes, to: file.name))"]
        }
        let before = try synced().count
        #expect(try web.ask("POST", "/v1/sets", form).status == 201)
        let sealing = try Array(synced()[before...])
        let held = try #require(sealing.firstIndex(of: "held"), "\(sealing)")
        for name in (set.declarations + set.signatures).map(\.name) {
            let place = sealing.firstIndex { $0.hasSuffix("/\(name)") }
            #expect(place.map { $0 < held } == true, "\(name) in \(sealing)")
        }
        #expect(sealing[held...].contains("ledger.sqlite-wal"), "\(sealing)")
    }

    @Test func `while the ledger cannot be synced no set is acknowledged, and none is lost`() throws {
        let instance = try Instance()
        let isFailing = instance.scratch.file("is-failing")
        try instance.start(
            by: PreloadLibrary.faults(
                for: instance, in: "spool", log: "/dev/null",
                ["KIND": "eio", "CLASS": "sync", "WHILE": isFailing, "NAMED": "ledger.sqlite-wal"]))
        let web = try WebClient(instance, Route.web.sender(instance))
        let sftp = try SFTPClient(instance, instance.enrol())
        #expect(try sftp.send(sftp.sender.set()).isAccepted)
        let (set, whole) = (try sftp.sender.set(), try web.sender.set())
        try sftp.put(set.declarations + set.signatures, in: .incoming)
        let form = try (whole.declarations + whole.signatures).flatMap { file in
            ["-F", "file=@\(try instance.scratch.write(file.bytes, to: file.name))"]
        }
        try Data().write(to: URL(fileURLWithPath: isFailing))
        let reply = try? web.ask("POST", "/v1/sets", form + ["--max-time", "3"])
        #expect(reply?.status != 201)
        #expect(throws: Program.Fault.self) { try sftp.put([set.trigger], in: .incoming) }
        unlink(isFailing)
        #expect(eventually { instance.log.contains("the ledger is written to again") })
        try sftp.put([set.trigger], in: .incoming)
        #expect(try sftp.receipt(for: set.trigger.name).isAccepted)
        #expect(try web.ask("POST", "/v1/sets", form).status == 201)
        for each in [set, whole] { #expect(try eventually { try instance.deliveries(of: each) == 1 }) }
        #expect(try instance.run("spool", "check").status == 0)
    }

    @Test func `when the upload of a GO alone ends, it was synced`() throws {
        let trigger = try client.sender.set().trigger
        let before = try synced().count
        try client.put([trigger], in: .incoming)
        let incoming = "arriving/\(client.sender.number)/IN"
        let synced = try Array(synced()[before...])
        let file = try #require(synced.firstIndex(of: "\(incoming)/\(trigger.name)"), "\(synced)")
        #expect(synced[file...].contains(incoming), "\(synced)")
    }

    @Test func `the upload of a TD ends well when what it took away is gone for good, and not before`() throws
    {
        let instance = try Instance()
        let isFailing = instance.scratch.file("is-failing")
        let sender = try instance.enrol()
        let folder = "arriving/\(sender.number)/IN"
        try instance.start(
            by: PreloadLibrary.faults(
                for: instance, in: "spool", log: "/dev/null",
                ["KIND": "eio", "CLASS": "sync", "WHILE": isFailing, "NAMED": folder]))
        let client = try SFTPClient(instance, sender)
        let set = try sender.set()
        try client.put(set.declarations + set.signatures, in: .incoming)
        let cancellation = File(name: "TD" + set.trigger.name.dropFirst(2), bytes: [])
        try Data().write(to: URL(fileURLWithPath: isFailing))
        #expect(throws: Program.Fault.self) { try client.put([cancellation], in: .incoming) }
        unlink(isFailing)
        // A sync that failed is told to the two that follow.
        for _ in 1...2 {
            #expect(throws: Program.Fault.self) { try client.put([cancellation], in: .incoming) }
        }
        try client.put([cancellation], in: .incoming)
        #expect(try client.list(.incoming).isEmpty)
    }

    @Test func `what lay there when the daemon came back is written anew and synced before it is sealed`()
        throws
    {
        let set = try client.sender.set()
        try client.put(set.files.filter { $0 != set.trigger }, in: .incoming)
        instance.kill()
        try instance.start(by: DurabilityTests.launcher(instance, syncs))
        let before = try synced().count
        let again = try SFTPClient(instance, client.sender)
        try again.put([set.trigger], in: .incoming)
        // Whether its files were closed is not known any more: the GO waits for them a while.
        #expect(try again.receipt(for: set.trigger.name).isAccepted)
        let sealing = try Array(synced()[before...])
        let copy = "held/\(try ticket(among: sealing))/~.copy"
        #expect(sealing.count { $0 == copy } == 2, "\(sealing)")
    }

    @Test func `a delivery is synced before it has its name, and its name before it is noted`() throws {
        let instance = try Instance()
        let log = instance.scratch.file("delivery")
        let sender = try instance.enrol()
        try instance.start(
            by: PreloadLibrary.faults(for: instance, in: "destinations", log: log, ["SYNCS": "1"]))
        let client = try SFTPClient(instance, sender)
        let stage = "real/.staged-\(try client.send(client.sender.set()).ticket)"
        #expect(
            try eventually { try instance.must("queue", "list").errors.contains("1 received: 0 waiting") })
        // The declaration is a second name of the held file, which was synced before.
        #expect(
            try DurabilityTests.synced(in: log) == ["\(stage)/manifest.json", stage, "real", "real"])
    }
}
