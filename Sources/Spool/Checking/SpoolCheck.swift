public import Exchange
internal import Glibc

/// Compares what lies in a spool with its ledger and lists what does not fit. Changes nothing.
///
/// Without a daemon a spool that was in use when the machine failed may show what the next start puts right. Beside a
/// daemon only what is seen twice counts, since a set on its way from one state to the next fits neither.
public struct SpoolCheck: Sendable {
    /// One thing that is not as it should be.
    public struct Finding: Sendable, Hashable, Codable {
        public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
            /// The ledger's own check of its pages, indexes and rules fails, or a row is not as it was written.
            case damagedLedger = "damaged-ledger"
            /// Sets that were received stand nowhere, or stand in two places.
            case notConserved = "not-conserved"
            /// A set that is not settled lacks a file.
            case missingFile = "missing-file"
            /// A file of a set that is not settled is not the one that was received.
            case changedFile = "changed-file"
            /// A file beside those of its set that the ledger does not know.
            case extraFile = "extra-file"
            /// Bytes of a set that the ledger does not know.
            case missingRow = "missing-row"
            /// Bytes of a set that lie where they do not belong any more.
            case leftBehind = "left-behind"
            /// A decided set that neither has a receipt nor repeats one that has.
            case missingReceipt = "missing-receipt"
            /// A published receipt whose FO is not there: lost, or removed by its reader when the process ended before
            /// that was noted. A repeat of the set publishes it again.
            case missingAnswer = "missing-answer"
            /// An answer's file that holds something else than what was issued.
            case changedAnswer = "changed-answer"
            /// A file or directory nobody of ours made.
            case stranger
        }

        public let kind: Kind
        /// The set, when it is known.
        public let ticket: Ticket?
        /// Relative to the spool; nil when no one file is meant. Only names of ours are given as they are.
        public let path: String?
        /// One English sentence.
        public let sentence: String
    }

    let root: Directory
    let held: Directory
    let outbox: Directory
    let ledger: Ledger

    init(root: Directory, ledger: Ledger) throws(SystemFault) {
        self.root = root
        self.ledger = ledger
        held = try root.directory("held")
        outbox = try root.directory("outbox")
    }

    /// Checks a spool, beside its daemon or without one. Reads every held byte.
    ///
    /// - Parameter pause: seconds between the two looks; a second one is taken when the first found something.
    /// - Throws: `.missing` when there is no spool, `.ledger` or `.disk` when it cannot be read.
    public static func findings(at root: String, pause: UInt32 = 2) throws(SpoolFault) -> [Finding] {
        let ledger = try Ledger.openForReading(at: root)
        do {
            let check = try SpoolCheck(root: Directory.open(at: root, creating: false), ledger: ledger)
            return try check.findings(pause: pause)
        } catch {
            throw (error as? SystemFault)?.spoolFault ?? SpoolFault(ledgerError: error)
        }
    }

    func findings(pause: UInt32) throws -> [Finding] {
        let first = try look()
        if first.isEmpty { return [] }
        if pause > 0 { sleep(pause) }
        let second = Set(try look())
        return first.filter(second.contains)
    }

    private func look() throws -> [Finding] {
        var findings: [Finding] = []
        try addLedgerDamage(to: &findings)
        do {
            try addDifferences(to: &findings)
        } catch {
            // What was found before tells more than what could not be looked at.
            if findings.isEmpty || error is SystemFault { throw error }
            findings.append(
                Finding(
                    kind: .damagedLedger, ticket: nil, path: "ledger.sqlite",
                    sentence: "The rest was not looked at. \(SpoolFault(ledgerError: error).sentence)"))
        }
        return findings
    }

    private func addDifferences(to findings: inout [Finding]) throws {
        try addDamagedRows(to: &findings)
        try addConservation(to: &findings)
        try addSets(to: &findings)
        try addHeldDirectories(to: &findings)
        try addConsignedDirectories(to: &findings)
        try addAnswers(to: &findings)
        try addOutgoingFiles(to: &findings)
        try addStrangers(to: &findings)
    }

    private func addConservation(to findings: inout [Finding]) throws {
        let counts = try ledger.counts()
        guard !counts.isConserved else { return }
        findings.append(
            Finding(
                kind: .notConserved, ticket: nil, path: nil,
                sentence:
                    "\(counts.received) sets were received, but \(counts.waiting) wait, \(counts.held) are "
                    + "held, \(counts.routed) routed and \(counts.refused) refused."))
    }
}
