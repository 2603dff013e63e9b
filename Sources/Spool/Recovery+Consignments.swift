internal import Exchange
internal import Foundation
internal import GRDB
internal import Logging

// The sets handed over whole. A channel that begins one has promised nothing to anybody until it is sealed,
// so what has neither row nor note is removed.
extension Recovery {
    private var consigned: ConsignedSets { ConsignedSets(consigned: disk.consigned) }

    /// Brings the bytes of sets that have a row to where the row says they are, before the rows are compared
    /// with them. Only a disk that lost a rename leaves such a set.
    func moveCommittedConsignments() throws {
        let tickets = try consigned.tickets()
        for (ticket, isRetired) in zip(tickets, try areRetired(tickets)) {
            guard let isRetired else { continue }
            if !isRetired, try disk.held.status(ticket.description) == nil {
                try disk.consigned.moveDirectory(ticket.description, to: disk.held)
                try disk.held.sync()
            } else {
                try consigned.remove(ticket)
            }
        }
    }

    /// Back to where it can be sealed again, or is removed.
    func putBackConsignment(_ ticket: Ticket) throws {
        if try disk.consigned.status(ticket.description) != nil {
            logger.error("held files of unknown origin are left alone", metadata: ["directory": "\(ticket)"])
            return
        }
        try disk.held.moveDirectory(ticket.description, to: disk.consigned)
    }

    /// Removes sets that nobody can go on with: those without a note, and those nothing happened to for long.
    func removeConsignments() throws {
        let limit = clock().addingTimeInterval(-limits.consignmentRetention)
        for name in try disk.consigned.names(in: ".") {
            guard let ticket = Ticket(name) else {
                logger.error("the directory of consigned sets has a stranger in it")
                continue
            }
            let note = try consigned.note(of: ticket)
            if note != nil, try consigned.lastChange(of: ticket) > limit { continue }
            try consigned.remove(ticket)
            logger.notice(
                "a set that was never sealed was removed",
                metadata: ["ticket": "\(ticket)", "sender": "\(note.map { "\($0.sender)" } ?? "unknown")"])
        }
    }
}
