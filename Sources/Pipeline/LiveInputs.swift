internal import Exchange
internal import Foundation
internal import Registry
internal import Spool

/// The registry and the spool as a decision reads them in the daemon.
struct LiveInputs: DecisionInputs {
    let spool: Spool
    let registry: Registry

    func accepted(
        named name: FileName, by sender: SenderNumber
    ) throws(StageFailure) -> (ticket: Ticket, parts: [SealedSet.Part])? {
        do {
            return try spool.accepted(named: name, by: sender).map { ($0.ticket, $0.parts) }
        } catch {
            throw .deferred(Deferral(.ledgerUnavailable, error.sentence))
        }
    }

    func standing(of sender: SenderNumber, at time: Date) throws(StageFailure) -> Standing {
        do {
            return .asked(try registry.standing(of: sender, at: time))
        } catch {
            throw .deferred(Deferral(.registryUnavailable, error.sentence))
        }
    }

    func path(of part: SealedSet.Part, in ticket: Ticket) -> String {
        spool.path(of: part, in: ticket)
    }
}
