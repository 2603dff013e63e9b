public import Exchange
public import Foundation
internal import GRDB

extension Spool: SetIntake {
    public func pause(of sender: SenderNumber) -> TimeInterval {
        ground.pause(of: sender)
    }

    /// With a note this waits until the note is on the disk.
    public func begin(
        from sender: SenderNumber, over channel: ChannelKind, in mailbox: Mailbox, note: [UInt8]?
    ) throws(HomeFault) -> any Consignment {
        guard mailbox.takesUploads else { throw .notAllowed }
        if ground.isClosed { throw .failed("the spool is closed") }
        try ground.floor.require()
        let consignment = try OpenConsignment(
            try nextTicket(), of: registry.home(of: sender), over: channel, in: mailbox,
            begunAt: ground.clock(), note: note, isFound: false)
        do {
            try consignment.make()
        } catch {
            consignment.discard()
            throw error.homeFault
        }
        if note != nil { ground.noted.add(consignment) }
        return consignment
    }

    /// Nobody holds a lock here, so a burst that used up the reserve waits for the next.
    private func nextTicket() throws(HomeFault) -> Ticket {
        if let ticket = try? ground.tickets.next() { return ticket }
        do {
            try ground.tickets.fill()
            return try ground.tickets.next()
        } catch {
            throw .failed(error.sentence)
        }
    }

    public func consignment(
        _ ticket: Ticket, of sender: SenderNumber
    ) throws(HomeFault) -> any Consignment {
        guard let consignment = ground.noted[ticket], consignment.sender == sender else { throw .noSuchFile }
        return consignment
    }

    public func handedOver(_ mark: HandoverMark) throws(HomeFault) -> Handover? {
        do {
            return try ledger.read { try HandoverWriting(db: $0).handover(mark) }
        } catch {
            throw .failed(error.sentence)
        }
    }

    /// Returns when that is durable.
    public func forget(_ mark: HandoverMark) throws(HomeFault) {
        do {
            try committer.commit { try HandoverWriting(db: $0).forget(mark) }
        } catch {
            throw .failed(error.sentence)
        }
    }

    /// Takes up the sets begun with a note in an earlier run.
    func resumeConsignments() throws {
        let sets = ConsignedSets(consigned: ground.disk.consigned)
        for ticket in try sets.tickets() {
            guard let note = try sets.note(of: ticket) else { continue }
            let consignment = try OpenConsignment(
                ticket, of: registry.home(of: note.sender), over: note.channel, in: note.mailbox,
                begunAt: note.begunAt, note: note.words, isFound: true)
            try consignment.load()
            ground.noted.add(consignment)
        }
    }
}
