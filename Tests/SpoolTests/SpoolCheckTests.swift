import Exchange
import Foundation
import GRDB
import Testing

@testable import Spool

/// Every kind of damage is planted once and found as what it is.
@Suite struct SpoolCheckTests {
    private let stem = Harness.stem(1)
    private let files = FileManager.default

    private func kinds(_ harness: Harness) throws -> [SpoolCheck.Finding.Kind] {
        try SpoolCheck.findings(at: harness.root, pause: 0).map(\.kind)
    }

    private func write(_ text: String, to path: String, of harness: Harness) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: harness.path(path)))
    }

    @Test func `a spool in order has no findings, in every state a set goes through`() throws {
        let harness = try Harness()
        #expect(try kinds(harness).isEmpty)
        for number in 1...4 { try harness.putSet(number) }
        try harness.put("FI.\(Harness.stem(5)).1.1")
        try harness.put("GO.\(Harness.stem(6)).1", over: .folder)
        _ = try harness.spool.begin(from: .first, over: .web, in: .incoming, note: [1])
        try harness.refuse(try harness.nextUndecided())
        let accepted = try harness.nextUndecided()
        try harness.accept(accepted)
        try harness.spool.hold(try harness.nextUndecided().ticket, Deferral(.unknown, "a test"))
        try harness.waitForAnswer(accepted.ticket)
        #expect(try kinds(harness).isEmpty)
        try harness.spool.recordDelivered(accepted.ticket)
        try eventually("retired") { try harness.row(accepted.ticket).retiredAt != nil }
        #expect(try kinds(harness).isEmpty)
        try harness.reopen {
            let found = try kinds(harness)
            #expect(found.isEmpty, "without a daemon")
        }
    }

    @Test func `a place without a spool is said to be none`() throws {
        #expect(throws: SpoolFault(.missing, "")) { try SpoolCheck.findings(at: "/nonexistent") }
    }

    @Test(arguments: [true, false])
    func `files of a waiting set that are missing, changed or too many are found`(isAccepted: Bool) throws {
        let harness = try Harness()
        try harness.putSet(1)
        let set = try harness.nextUndecided()
        if isAccepted { try harness.accept(set) }
        let directory = "held/\(set.ticket)"
        try write("<b/>", to: "\(directory)/FI.\(stem).1.1", of: harness)
        try files.removeItem(atPath: harness.path("\(directory)/FS.\(stem).1.1"))
        try write("", to: "\(directory)/another", of: harness)
        let found = try SpoolCheck.findings(at: harness.root, pause: 0)
        #expect(Set(found.map(\.kind)) == [.changedFile, .missingFile, .extraFile])
        #expect(found.allSatisfy { $0.ticket == set.ticket && $0.path?.hasPrefix(directory) == true })
    }

    @Test func `a held directory without row, and one that was to be removed, are found`() throws {
        let harness = try Harness()
        try harness.putSet(1)
        let set = try harness.nextUndecided()
        try harness.refuse(set)
        try eventually("retired") { try harness.row(set.ticket).retiredAt != nil }
        let stray = Ticket(.set, counter: 900)
        for ticket in [set.ticket, stray] {
            try files.createDirectory(
                atPath: harness.path("held/\(ticket)"), withIntermediateDirectories: false)
        }
        let found = try SpoolCheck.findings(at: harness.root, pause: 0)
        #expect(
            Set(found.map { "\($0.kind.rawValue) \($0.ticket ?? stray)" })
                == ["left-behind \(set.ticket)", "missing-row \(stray)"])
    }

    @Test func `a sealed set among those being handed over is found`() throws {
        let harness = try Harness()
        try harness.putSet(1)
        let set = try harness.nextUndecided()
        try files.createDirectory(
            atPath: harness.path("consigned/\(set.ticket)"), withIntermediateDirectories: false)
        #expect(try kinds(harness) == [.leftBehind])
    }

    @Test func `answers that are missing, changed, unknown or expired are found`() throws {
        let harness = try Harness()
        for number in 1...3 { try harness.putSet(number) }
        var stems: [String] = []
        for _ in 1...3 {
            let set = try harness.nextUndecided()
            try harness.refuse(set)
            try harness.waitForAnswer(set.ticket)
            stems.append(try #require(try harness.row(set.ticket).answer?.stem))
        }
        let directory = "outbox/006400/OUT"
        try files.removeItem(atPath: harness.path("\(directory)/FO.\(stems[0])"))
        try write("forged", to: "\(directory)/FS.\(stems[1])", of: harness)
        try harness.ledger("UPDATE answer SET state = 'expired' WHERE stem = '\(stems[2])'")
        try write("", to: "\(directory)/FO.ACRF.999999.20260101.99999.R", of: harness)
        #expect(
            try kinds(harness).map(\.rawValue).sorted()
                == [
                    "changed-answer", "left-behind", "left-behind", "left-behind", "missing-answer",
                    "stranger",
                ])
    }

    @Test func `a decided set without receipt is found`() throws {
        let harness = try Harness()
        _ = try harness.accepted(1)
        try harness.reopen {
            for prefix in ["FO", "FS", "GO"] {
                for name in harness.files("outbox/006400/OUT") where name.hasPrefix(prefix) {
                    try files.removeItem(atPath: harness.path("outbox/006400/OUT/\(name)"))
                }
            }
            try harness.ledger("DROP TRIGGER answerStays; DELETE FROM answer")
            let found = try kinds(harness)
            #expect(found == [.missingReceipt])
        }
    }

    @Test func `a ledger that breaks its own rules is found damaged`() throws {
        let harness = try Harness()
        try harness.putSet(1)
        try harness.reopen {
            var lax = Configuration()
            lax.foreignKeysEnabled = false
            let queue = try DatabaseQueue(path: harness.path("ledger.sqlite"), configuration: lax)
            try queue.write { db in
                try db.execute(
                    sql: """
                        PRAGMA ignore_check_constraints = ON;
                        UPDATE fileSet SET attempt = -1, destination = 99
                        """)
            }
            try queue.close()
            let found = try kinds(harness)
            #expect(Set(found) == [.damagedLedger])
        }
    }

    @Test func `a lost row is found`() throws {
        let harness = try Harness()
        try harness.putSet(1)
        try harness.reopen {
            try harness.ledger(
                "DROP TRIGGER setStays; DROP TRIGGER partStays; DELETE FROM part; DELETE FROM fileSet")
            let found = try kinds(harness)
            #expect(found == [.notConserved, .missingRow])
        }
    }

    @Test(arguments: [
        "stranger", "held/stranger", "consigned/stranger", "outbox/stranger", "outbox/006400/IN",
        "arriving/stranger", "arriving/006400/OUT", "arriving/006400/IN/~stranger",
    ])
    func `what nobody of ours made is found`(path: String) throws {
        let harness = try Harness()
        try harness.put("FI.\(stem).1.1")
        try files.createDirectory(atPath: harness.path(path), withIntermediateDirectories: true)
        #expect(try kinds(harness) == [.stranger])
    }

    @Test func `beside a working spool only what lasts is told`() throws {
        let harness = try Harness()
        let failures = Failures()
        DispatchQueue.concurrentPerform(iterations: 4) { index in
            failures.catching {
                if index > 0 {
                    for number in 1...40 { try harness.putSet(number, by: .number(100 + index)) }
                } else {
                    for _ in 1...10 {
                        let found = try SpoolCheck.findings(at: harness.root)
                        #expect(found.isEmpty)
                    }
                }
            }
        }
        #expect(failures.all.isEmpty)
    }
}
