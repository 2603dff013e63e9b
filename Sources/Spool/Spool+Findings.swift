internal import Exchange
internal import Foundation
internal import GRDB

extension Spool {
    /// Compares bytes with the ledger: one sentence for each thing that is not as it should be, none when all
    /// is well. Reads every held byte; sets that are settled meanwhile are left out.
    public func findings() throws(SpoolFault) -> [String] {
        var findings: [String] = []
        let counts = try ledger.counts()
        if !counts.isConserved {
            findings.append(
                "\(counts.received) sets were received, but \(counts.waiting) wait, \(counts.held) are held, "
                    + "\(counts.routed) routed and \(counts.refused) refused.")
        }
        do {
            try addSetFindings(to: &findings)
            try addDirectoryFindings(to: &findings)
            try addAnswerFindings(to: &findings)
        } catch let fault as SystemFault {
            throw fault.spoolFault
        } catch {
            throw SpoolFault(ledgerError: error)
        }
        return findings
    }

    /// Every set that is not settled has its bytes.
    private func addSetFindings(to findings: inout [String]) throws {
        var last: Int64 = 0
        while true {
            let sets = try ledger.unsettled(after: last, limit: Spool.chunk)
            for (_, set) in sets {
                let found = try differences(of: set)
                if found.isEmpty { continue }
                // It may have been settled and retired since it was read.
                if try ledger.set(set.ticket)?.settledAt == nil { findings += found }
            }
            guard let seq = sets.last?.seq else { return }
            last = seq
        }
    }

    private func differences(of set: SealedSet) throws -> [String] {
        let sets = HeldSets(held: ground.disk.held)
        var found: [String] = []
        for part in set.parts {
            let path = sets.path(part.name, set.ticket)
            guard try ground.disk.held.status(path) != nil else {
                found.append("The held file \(part.name) of \(set.ticket) is missing.")
                continue
            }
            let bytes = try ground.disk.held.open(path).digest()
            if bytes.size != part.size || bytes.digest != part.digest {
                found.append("The held file \(part.name) of \(set.ticket) is not what was received.")
            }
        }
        let names = try sets.content(set.ticket)
        for name in names.parts where !set.parts.contains(where: { $0.name == name }) {
            found.append("The held file \(name) of \(set.ticket) is not in the ledger.")
        }
        return found
    }

    /// Every held directory has a row that was not retired.
    private func addDirectoryFindings(to findings: inout [String]) throws {
        for name in try ground.disk.held.names(in: ".") {
            guard let ticket = Ticket(name) else {
                findings.append("The held directory has a stranger in it.")
                continue
            }
            guard let row = try ledger.set(ticket) else {
                // A set being sealed has no row yet, and is gone or has one the next time.
                if try ground.disk.held.status(name) != nil, try ledger.set(ticket) == nil {
                    findings.append("The held directory \(ticket) has no row.")
                }
                continue
            }
            if row.retiredAt != nil, try ground.disk.held.status(name) != nil {
                findings.append("The held directory \(ticket) was to be removed.")
            }
        }
    }

    /// Every answer that is published has its FO, unless its reader removed it meanwhile.
    private func addAnswerFindings(to findings: inout [String]) throws {
        var last: Int64 = 0
        while true {
            let answers = try ledger.publishedAnswers(after: last, limit: Spool.chunk)
            for answer in answers {
                guard let name = FileName("FO.\(answer.stem)") else { continue }
                let entry = try? outgoing.entry(named: name, in: answer.mailbox, of: answer.sender)
                if entry?.size == UInt64(answer.document.count) { continue }
                let state = try ledger.read { try IssuedAnswer(answer.id, from: $0)?.state }
                if state == .published {
                    findings.append("The answer \(name) to \(answer.sender) is not as it was issued.")
                }
            }
            guard let id = answers.last?.id else { return }
            last = id
        }
    }
}

extension Ledger {
    /// Undecided, held and undelivered sets, oldest first.
    func unsettled(after seq: Int64, limit: Int) throws(SpoolFault) -> [(seq: Int64, set: SealedSet)] {
        try read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM fileSet WHERE settledAt IS NULL AND seq > ? ORDER BY seq LIMIT ?",
                arguments: [seq, limit]
            ).map { (seq: $0["seq"], set: try SealedSet($0, from: db)) }
        }
    }

    func publishedAnswers(after id: Int64, limit: Int) throws(SpoolFault) -> [IssuedAnswer] {
        try read { db in
            try Int64.fetchAll(
                db, sql: "SELECT id FROM answer WHERE state = 'published' AND id > ? ORDER BY id LIMIT ?",
                arguments: [id, limit]
            ).compactMap { try IssuedAnswer($0, from: db) }
        }
    }
}
