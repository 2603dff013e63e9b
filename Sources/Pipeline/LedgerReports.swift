public import Exchange
public import Spool

public import typealias Foundation.TimeInterval

/// What became of sets, as the ledger and the recorded decisions tell it.
public struct LedgerReports: SetReports {
    private let spool: Spool

    public init(spool: Spool) {
        self.spool = spool
    }

    /// Reads the ledger on the caller's thread.
    public func report(on ticket: Ticket, of sender: SenderNumber) throws(HomeFault) -> SetReport? {
        do {
            guard let row = try spool.ledger.set(ticket), row.sealed.sender == sender else { return nil }
            let first = try row.repeatOf.flatMap { try spool.ledger.set($0) }
            let record = try row.decisionJSON.map { try DecisionRecord(json: $0) }
            return SetReport(
                set: row.sealed, state: SetReport.State(row.state), steps: record?.steps ?? [],
                codes: row.codes, decidedAt: row.decidedAt, repeats: row.repeatOf,
                receipt: (first ?? row).answer?.readableStem)
        } catch {
            throw .failed("the report on \(ticket) cannot be made: \(error)")
        }
    }

    public func whenAnswered(
        _ ticket: Ticket, within seconds: TimeInterval, completion: @escaping @Sendable () -> Void
    ) {
        spool.whenAnswered(ticket, within: seconds, completion: completion)
    }
}

extension SetReport.State {
    init(_ state: SetState) {
        self =
            switch state {
            case .received: .received
            case .held: .held
            case .accepted: .accepted
            case .routed: .routed
            case .refused: .refused
            }
    }
}

extension AnswerRow {
    /// Nil when its files are not there yet, or no more.
    var readableStem: String? {
        switch state {
        case .published, .taken: stem
        case .issued, .deleted, .expired: nil
        }
    }
}

extension DecisionRecord {
    /// The checks as a sender is told of them.
    var steps: [SetReport.Step] {
        checks.enumerated().map { index, check in
            SetReport.Step(
                number: index + 1, phase: check.phase, rule: check.rule, verdict: check.verdict.rawValue,
                findings: check.findings)
        }
    }
}
