import Exchange
import Foundation
import Testing

@testable import Spool

/// A ledger that lost its end comes back to its last whole transaction, or is refused; it never tells of what was not.
@Suite struct LedgerDamageTests {
    private static let sets = 4
    /// Bytes before the first page of SQLite's log, and before each page of it.
    private static let logHeader = 32
    private static let pageHeader = 24

    enum Damage: CaseIterable {
        case cut, zeros, flippedBit
    }

    /// A spool as a crash leaves it, with everything that was committed in the log.
    private func crashed() throws -> (root: String, log: Data) {
        let harness = try Harness()
        for number in 1...LedgerDamageTests.sets { try harness.putSet(number) }
        let root = NSTemporaryDirectory() + "spool-tests-" + UUID().uuidString
        try FileManager.default.copyItem(atPath: harness.root, toPath: root)
        return (root, try Data(contentsOf: URL(fileURLWithPath: root + "/ledger.sqlite-wal")))
    }

    @Test(arguments: Damage.allCases)
    func `a log cut, zeroed or changed comes back to a whole transaction`(damage: Damage) throws {
        let (root, log) = try crashed()
        let copy = root + "-damaged"
        defer { for path in [root, copy] { try? FileManager.default.removeItem(atPath: path) } }
        let page = 4096 + LedgerDamageTests.pageHeader
        let pages = (log.count - LedgerDamageTests.logHeader) / page
        // The last pages hold the sets; of the others some.
        let chosen = (0..<pages).filter { $0 >= pages - 12 || $0 % 12 == 0 }
        let places = chosen.map { LedgerDamageTests.logHeader + $0 * page + ($0 % 2) * 150 } + [0, log.count]
        var seen: Set<Int> = []
        for place in places {
            try? FileManager.default.removeItem(atPath: copy)
            try FileManager.default.copyItem(atPath: root, toPath: copy)
            try? FileManager.default.removeItem(atPath: copy + "/ledger.sqlite-shm")
            try LedgerDamageTests.apply(damage, at: place, of: log)
                .write(to: URL(fileURLWithPath: copy + "/ledger.sqlite-wal"))
            let spool: Spool
            do {
                spool = try Spool.open(at: copy, limits: .forTests, logger: .quiet)
            } catch {
                #expect((error as SpoolFault).code == .ledger, "at \(place)")
                continue
            }
            defer { spool.close() }
            let rows = try spool.ledger.sets(limit: 100, includingSettled: true).reversed()
            let expected = (1...LedgerDamageTests.sets).map { "GO.\(Harness.stem($0)).1" }
            #expect(expected.starts(with: rows.map(\.sealed.name.escaped)), "at \(place)")
            #expect(try spool.ledger.counts().isConserved)
            #expect(try spool.findings().isEmpty, "at \(place)")
            let home = try spool.home(of: .first, over: .sftp)
            let lying = try home.entries(in: .incoming).count
            #expect(lying == (LedgerDamageTests.sets - rows.count) * 3, "at \(place)")
            seen.insert(rows.count)
        }
        #expect(seen.contains(LedgerDamageTests.sets) && seen.count > 1, "\(seen)")
    }

    private static func apply(_ damage: Damage, at place: Int, of log: Data) -> Data {
        switch damage {
        case .cut: return log.prefix(place)
        case .zeros: return log.prefix(place) + Data(count: log.count - place)
        case .flippedBit:
            var changed = log
            if place < changed.count { changed[place] ^= 1 }
            return changed
        }
    }

    @Test func `a ledger cut short is refused, or cannot be read, or is whole`() throws {
        let harness = try Harness()
        for number in 1...LedgerDamageTests.sets { try harness.putSet(number) }
        let copy = harness.root + "-damaged"
        defer { try? FileManager.default.removeItem(atPath: copy) }
        try harness.reopen {
            let size = try Data(contentsOf: URL(fileURLWithPath: harness.path("ledger.sqlite"))).count
            for place in stride(from: 4096, to: size, by: 4 * 4096) {
                try? FileManager.default.removeItem(atPath: copy)
                try FileManager.default.copyItem(atPath: harness.root, toPath: copy)
                let ledger = try #require(FileHandle(forWritingAtPath: copy + "/ledger.sqlite"))
                try ledger.truncate(atOffset: UInt64(place))
                try ledger.close()
                do {
                    let spool = try Spool.open(at: copy, limits: .forTests, logger: .quiet)
                    defer { spool.close() }
                    #expect(
                        try spool.ledger.sets(limit: 100, includingSettled: true).count
                            == LedgerDamageTests.sets)
                } catch let fault as SpoolFault {
                    #expect(fault.code == .ledger, "at \(place): \(fault)")
                }
            }
        }
    }
}
