internal import Exchange
internal import Foundation
internal import Logging
internal import Synchronization

/// A set being handed over, its files kept in memory under a lock of its own.
///
/// One without a note lives as long as somebody refers to it, and takes its files with it. File operations
/// under the lock are renames, creations and removals, never a sync.
final class OpenConsignment: Consignment {
    enum Phase: Sendable {
        case open
        /// Its directory is in `held/`.
        case sealing
        /// Sealed or discarded.
        case over
    }

    struct State: Sendable {
        var phase = Phase.open
        var files = Arrivals()
        var note: [UInt8]?
        /// Files apart.
        var changedAt: Date
    }

    let ticket: Ticket
    let channel: ChannelKind
    let mailbox: Mailbox
    let begunAt: Date
    let home: Home
    let sets: ConsignedSets
    let state: Mutex<State>

    /// A set that begins now, or one found on the disk.
    ///
    /// - Parameter isFound: it counts for its sender, but the limit does not stop it.
    init(
        _ ticket: Ticket, of home: Home, over channel: ChannelKind, in mailbox: Mailbox, begunAt: Date,
        note: [UInt8]?, isFound: Bool
    ) throws(HomeFault) {
        try home.allowance.addConsignment(isBound: !isFound)
        self.ticket = ticket
        self.channel = channel
        self.mailbox = mailbox
        self.begunAt = begunAt
        self.home = home
        sets = ConsignedSets(consigned: home.ground.disk.consigned)
        state = Mutex(State(note: note, changedAt: begunAt))
    }

    deinit {
        let isLeft = state.withLock { state in
            defer { end(&state) }
            return state.phase == .open && state.note == nil
        }
        if isLeft { removeFiles() }
    }

    var sender: SenderNumber { home.sender }
    var ground: HomeGround { home.ground }
    var note: [UInt8]? { state.withLock(\.note) }

    /// Makes the directory, and the note when there is one.
    func make() throws(SystemFault) {
        try sets.make(ticket)
        guard let note else { return }
        try sets.write(written(note), of: ticket)
        try sets.consigned.sync()
    }

    private func written(_ words: [UInt8]) -> ConsignmentNote {
        ConsignmentNote(sender: sender, channel: channel, mailbox: mailbox, begunAt: begunAt, words: words)
    }

    func replaceNote(_ note: [UInt8]) throws(HomeFault) {
        try inside(mailbox) { _ throws(HomeFault) in }
        guard self.note != nil else { throw .notAllowed }
        try ground.floor.require()
        do {
            try sets.write(written(note), of: ticket)
        } catch {
            throw error.homeFault
        }
        let now = ground.steady()
        state.withLock { state in
            state.note = note
            state.changedAt = now
        }
    }

    func discard() {
        let wasOpen = state.withLock { state in
            guard state.phase == .open else { return false }
            end(&state)
            return true
        }
        if wasOpen { removeFiles() }
    }

    /// Discards the set when nothing happened to it since `time`.
    func discard(unchangedSince time: Date) {
        let isOld = state.withLock { state in
            guard state.phase == .open, state.changedAt <= time,
                state.files.files.values.allSatisfy({ $0.lastActivity <= time && $0.writesUnderWay == 0 })
            else { return false }
            end(&state)
            return true
        }
        guard isOld else { return }
        removeFiles()
        ground.logger.notice(
            "a set begun long ago was discarded", metadata: ["ticket": "\(ticket)", "sender": "\(sender)"])
    }

    /// It counts no longer. Under the lock.
    func end(_ state: inout State) {
        guard state.phase != .over else { return }
        state.phase = .over
        home.allowance.note(from: state.files.bytes, to: 0)
        home.allowance.removeConsignment()
        ground.noted.remove(ticket)
    }

    private func removeFiles() {
        // Another process may own the spool by now; what is left is removed when it is next opened.
        guard !ground.isClosed else { return }
        do {
            try sets.remove(ticket)
        } catch {
            ground.logger.warning(
                "a discarded set stays until the spool is next opened",
                metadata: ["ticket": "\(ticket)", "fault": "\(error.sentence)"])
        }
    }
}
