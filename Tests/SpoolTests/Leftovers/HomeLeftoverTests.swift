import Exchange
import Foundation
import GRDB
import Testing

@testable import Spool

/// Every combination of leftovers of a set from a home is planted, each for a sender of its own, and each comes to what
/// the crash table says; then its GO, if it lies there, makes a set of what lies with it.
@Suite struct HomeLeftoverTests {
    private static let older = "<a/>"
    private static let newer = "<newer/>"

    /// One combination with its sender, its ticket and its names.
    private struct Case {
        let leftover: HomeLeftover
        let sender: SenderNumber
        let ticket: Ticket
        var recovery: HomeRecovery { HomeRecovery.of(leftover) }

        var stem: String { Harness.stem(1, by: sender) }
        var declaration: String { "FI.\(stem).1.1" }
        var signature: String { "FS.\(stem).1.1" }
        var trigger: String { "GO.\(stem).1" }
        var arriving: String { "arriving/\(sender)/IN" }
        var held: String { "held/\(ticket)" }
        var origin: String { "~origin.\(sender).sftp.IN" }

        /// The parts by their names, with their places.
        var parts: [(name: String, place: HomeLeftover.Part)] {
            [(declaration, leftover.declaration), (signature, leftover.signature)]
        }

        init(_ index: Int, _ leftover: HomeLeftover) {
            self.leftover = leftover
            sender = .number(100_000 + index)
            ticket = Ticket(.set, counter: Int64(1_000_000 + index))
        }
    }

    @Test(arguments: LeftoverRow.allCases)
    func `every combination of leftovers comes to what the crash table says`(row: LeftoverRow) throws {
        let cases = HomeLeftover.all(with: row).enumerated().map { Case($0, $1) }
        let log = LogLines()
        let harness = try Harness(logger: log.logger, below: Harness.memory)
        try harness.reopen {
            try enter(cases, in: harness)
            for one in cases { try plant(one, in: harness) }
        }
        let fates = Dictionary(grouping: cases, by: \.recovery).mapValues(\.count)
        #expect(
            log.count(of: "held files of unknown origin are left alone") == fates[.isLeftAlone, default: 0])
        #expect(log.count(of: "held bytes differ from the ledger") == fates[.isPutOnHold, default: 0])

        harness.clock.advance(harness.limits.earlyTriggerWait)
        harness.spool.sweeper.sealOverdue()
        let expected = cases.reduce(0) { $0 + sets(of: $1).count }
        try eventually("sealed") { try harness.spool.ledger.counts().received >= expected }
        try eventually("answered and retired") { try isSettled(harness) }

        #expect(try harness.spool.ledger.counts().isConserved)
        let rows = Dictionary(grouping: try harness.rows(), by: \.sealed.sender)
        let findings = Dictionary(
            grouping: try SpoolCheck.findings(at: harness.root, pause: 0), by: \.ticket)
        for one in cases {
            let found = (rows[one.sender] ?? []).map(Made.init).sorted { $0.order < $1.order }
            #expect(found == sets(of: one), "\(one.leftover)")
            #expect(arriving(harness, one) == waiting(of: one), "\(one.leftover)")
            #expect(
                (findings[one.ticket] ?? []).map(\.kind.rawValue).sorted()
                    == self.findings(of: one).map(\.rawValue).sorted(),
                "\(one.leftover)")
            if one.recovery == .isRemoved || one.recovery == .isPutBack {
                #expect(harness.files("held").contains(one.ticket.description) == false, "\(one.leftover)")
            }
        }
        let tickets = cases.map(\.ticket)
        #expect(findings.keys.allSatisfy { $0.map(tickets.contains) ?? false })
    }
}

// What is planted.
extension HomeLeftoverTests {
    private func plant(_ one: Case, in harness: Harness) throws {
        try make(one.arriving, in: harness)
        if one.leftover.hasHeldDirectory { try make(one.held, in: harness) }
        for (name, place) in one.parts {
            try plant("\(one.arriving)/\(name)", "\(one.held)/\(name)", place, in: harness)
        }
        let trigger = one.leftover.trigger
        let heldName = trigger == .beside ? "~\(one.trigger)" : "\(one.origin).\(one.trigger)"
        let place: HomeLeftover.Part =
            switch trigger {
            case .nowhere: .nowhere
            case .arriving: .arriving
            case .origin, .beside: .held
            case .linked: .linked
            case .renewed: .renewed
            }
        try plant(
            "\(one.arriving)/\(one.trigger)", "\(one.held)/\(heldName)", place, in: harness, text: "")
        if one.leftover.hasEmptyOrigin { write("", to: "\(one.held)/\(one.origin)", in: harness) }
        switch one.leftover.extra {
        case .nothing, .directory: break
        case .copy: write("half", to: "\(one.held)/~.copy", in: harness)
        case .stranger: write("x", to: "\(one.held)/a stranger", in: harness)
        }
    }

    private func plant(
        _ arriving: String, _ held: String, _ place: HomeLeftover.Part, in harness: Harness,
        text: String? = nil
    ) throws {
        if place.isHeld { write(text ?? HomeLeftoverTests.older, to: held, in: harness) }
        switch place {
        case .nowhere, .held: break
        case .arriving: write(text ?? HomeLeftoverTests.older, to: arriving, in: harness)
        case .linked:
            try FileManager.default.linkItem(atPath: harness.path(held), toPath: harness.path(arriving))
        case .renewed: write(text ?? HomeLeftoverTests.newer, to: arriving, in: harness)
        }
    }

    private func make(_ directory: String, in harness: Harness) throws {
        try FileManager.default.createDirectory(
            atPath: harness.path(directory), withIntermediateDirectories: true)
    }

    private func write(_ text: String, to path: String, in harness: Harness) {
        _ = FileManager.default.createFile(atPath: harness.path(path), contents: Data(text.utf8))
    }

    /// The rows of all of them, in one transaction.
    private func enter(_ cases: [Case], in harness: Harness) throws {
        let queue = try DatabaseQueue(path: harness.path("ledger.sqlite"))
        let now = harness.clock.now
        try queue.write { db in
            let writing = SetWriting(db: db, now: now)
            for one in cases {
                let set = SealedSet(
                    ticket: one.ticket, sender: one.sender, channel: .sftp, mailbox: .incoming,
                    receivedAt: now, name: try #require(FileName(one.trigger)), hasTrigger: true,
                    parts: try one.parts.map {
                        .init(
                            name: try #require(FileName($0.name)), size: 4,
                            digest: .of(HomeLeftoverTests.older))
                    })
                try one.leftover.row.enter(set, by: writing)
            }
        }
        try queue.close()
    }
}

// What is expected, and what came.
extension HomeLeftoverTests {
    /// A set of the ledger, as far as leftovers bear on it.
    private struct Made: Equatable, CustomStringConvertible {
        let isOfLeftover: Bool
        let state: SetState
        let hasTrigger: Bool
        /// By name.
        let digests: [String: Exchange.Digest]

        var order: Int { isOfLeftover ? 0 : 1 }
        var description: String {
            "\(isOfLeftover ? "left" : "new") \(state) \(hasTrigger) \(digests.keys.sorted())"
        }

        init(
            _ isOfLeftover: Bool, _ state: SetState, _ hasTrigger: Bool, _ digests: [String: Exchange.Digest]
        ) {
            self.isOfLeftover = isOfLeftover
            self.state = state
            self.hasTrigger = hasTrigger
            self.digests = digests
        }

        init(_ row: SetRow) {
            self.init(
                row.sealed.ticket >= Ticket(.set, counter: 1_000_000), row.state, row.sealed.hasTrigger,
                Dictionary(uniqueKeysWithValues: row.sealed.parts.map { ($0.name.escaped, $0.digest) }))
        }
    }

    /// The texts that lie in `arriving/` once the spool is open, GO included.
    private func atOpening(_ one: Case) -> [String: String] {
        var texts: [String: String] = [:]
        let isBack = one.recovery == .isPutBack
        for (name, place) in one.parts where place.isArriving || (isBack && place.isHeld) {
            texts[name] = place == .renewed ? HomeLeftoverTests.newer : HomeLeftoverTests.older
        }
        if one.leftover.trigger.isArriving || (isBack && one.leftover.trigger.isHeld) {
            texts[one.trigger] = ""
        }
        return texts
    }

    /// What lies there in the end: a GO takes all of it away.
    private func waiting(of one: Case) -> [String: String] {
        let texts = atOpening(one)
        return texts[one.trigger] == nil ? texts : [:]
    }

    private func sets(of one: Case) -> [Made] {
        let whole = Dictionary(
            uniqueKeysWithValues: one.parts.map { ($0.name, Exchange.Digest.of(HomeLeftoverTests.older)) })
        var sets: [Made] = []
        switch (one.leftover.row, one.recovery) {
        case (.none, .isTakenOver):
            let held = one.parts.filter(\.place.isHeld).map {
                ($0.name, Exchange.Digest.of(HomeLeftoverTests.older))
            }
            let taken = Dictionary(uniqueKeysWithValues: held)
            sets.append(Made(true, .received, one.leftover.trigger.isHeld, taken))
        case (.none, _): break
        case (.received, .stays): sets.append(Made(true, .received, true, whole))
        case (.accepted, .stays): sets.append(Made(true, .accepted, true, whole))
        case (.refused, _), (.retired, _): sets.append(Made(true, .refused, true, whole))
        case (.routed, _): sets.append(Made(true, .routed, true, whole))
        default: sets.append(Made(true, .held, true, whole))
        }
        var arriving = atOpening(one)
        if arriving.removeValue(forKey: one.trigger) != nil {
            sets.append(Made(false, .received, true, arriving.mapValues { .of($0) }))
        }
        return sets
    }

    private func findings(of one: Case) -> [SpoolCheck.Finding.Kind] {
        switch one.recovery {
        case .isLeftAlone: return [.missingRow]
        case .isRemoved, .isPutBack, .isTakenOver: return []
        case .stays, .isPutOnHold:
            let missing = one.parts.filter { !$0.place.isHeld }.map { _ in SpoolCheck.Finding.Kind.missingFile
            }
            return missing + (one.leftover.extra == .stranger ? [.stranger] : [])
        }
    }

    private func arriving(_ harness: Harness, _ one: Case) -> [String: String] {
        var texts: [String: String] = [:]
        for name in harness.files(one.arriving) {
            let bytes = FileManager.default.contents(atPath: harness.path("\(one.arriving)/\(name)"))
            texts[name] = String(decoding: bytes ?? Data(), as: UTF8.self)
        }
        return texts
    }

    private func isSettled(_ harness: Harness) throws -> Bool {
        try harness.spool.ledger.read { db in
            try Bool.fetchOne(
                db,
                sql: """
                    SELECT NOT EXISTS (SELECT 1 FROM answer WHERE state = 'issued')
                    AND NOT EXISTS (SELECT 1 FROM fileSet WHERE settledAt IS NOT NULL AND retiredAt IS NULL)
                    """) ?? false
        }
    }
}
