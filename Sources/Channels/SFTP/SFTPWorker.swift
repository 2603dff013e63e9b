internal import CLibSSH
internal import Exchange
internal import Foundation
internal import Logging

/// A thread that carries sessions: it waits for their sockets and for the inbox, and ends sessions whose time
/// is up or whose sender may no longer be here.
///
/// `@unchecked Sendable`: everything but `inbox`, `services` and `done` is used by the worker's own thread only.
final class SFTPWorker: @unchecked Sendable {
    private static let tick: TimeInterval = 0.5
    /// How often admissions are asked about again.
    private static let revocationInterval: TimeInterval = 1
    /// Seconds a peer has to close its connection after the channel was closed.
    private static let lingering: TimeInterval = 5
    private static let lingeringAtStop: TimeInterval = 1
    private static let inboxTag: UInt64 = 0

    let inbox: SFTPInbox
    private let services: SFTPSessionServices
    private let done = DispatchSemaphore(value: 0)
    private let epoll: Int32
    private var sessions: [UInt64: SFTPSession] = [:]
    private var writers: Set<UInt64> = []
    private var newcomers = SFTPNewcomerLine()
    private var lastTick: TimeInterval = 0
    private var lastRevocation: TimeInterval = 0
    private var stopAt: TimeInterval?

    init(services: SFTPSessionServices) throws(SFTPServerFault) {
        self.services = services
        inbox = try SFTPInbox()
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard epoll >= 0,
            ecluse_epoll_set(epoll, EPOLL_CTL_ADD, inbox.descriptor, EPOLLIN.rawValue, SFTPWorker.inboxTag)
                == 0
        else { throw .system("epoll: \(systemReason())") }
    }

    deinit {
        if epoll >= 0 { close(epoll) }
    }

    func start(number: Int) {
        let thread = Thread { [self] in
            while isRunning { turn() }
            done.signal()
        }
        thread.name = "sftp-\(number)"
        thread.stackSize = 1 << 20
        thread.start()
    }

    /// Returns when the thread has ended, which it does after a stop message.
    func join() {
        done.wait()
        done.signal()
    }

    private var isRunning: Bool { stopAt == nil || !sessions.isEmpty }

    private func turn() {
        withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: 128) { events in
            let patience = newcomers.isEmpty ? Int32(SFTPWorker.tick * 1000) : 0
            let count = epoll_wait(epoll, events.baseAddress, 128, patience)
            for index in 0..<max(0, Int(count)) {
                guard let event = events.baseAddress?.advanced(by: index) else { continue }
                let tag = ecluse_epoll_tag(event)
                if tag == SFTPWorker.inboxTag {
                    readInbox()
                } else if let session = sessions[tag], session.admission != nil {
                    session.advance(now: SFTPClock.now())
                    review(session)
                } else {
                    newcomers.add(tag)
                }
            }
        }
        for session in newcomers.take().compactMap({ sessions[$0] }) {
            session.advance(now: SFTPClock.now())
            review(session)
        }
        let now = SFTPClock.now()
        guard now - lastTick >= SFTPWorker.tick || stopAt != nil else { return }
        lastTick = now
        reviewAll(now)
    }

    private func readInbox() {
        for message in inbox.take() {
            switch message {
            case .newcomer(let newcomer): admit(newcomer)
            case .settled(let id, let ticket, let outcome):
                guard let session = sessions[id] else { continue }
                session.resume(ticket, with: outcome, now: SFTPClock.now())
                review(session)
            case .evict(let id, let isExcused):
                guard let session = sessions[id], session.admission == nil else { continue }
                if isExcused && session.refusedAttempts == 0 { session.excuse() }
                end(session, reason: "made room for others")
            case .stop(let grace):
                stopAt = min(stopAt ?? .infinity, SFTPClock.now() + max(0, grace))
                stopAll()
            }
        }
    }

    private func stopAll() {
        for session in Array(sessions.values) {
            session.isStopping = true
            session.advance(now: SFTPClock.now())
            review(session)
        }
    }

    private func admit(_ newcomer: SFTPNewcomer) {
        let now = SFTPClock.now()
        guard stopAt == nil,
            let session = SFTPSession(newcomer, services: services, inbox: inbox, now: now)
        else {
            if stopAt != nil { ssh_free(newcomer.transport) }
            return services.gate.leave(newcomer.id)
        }
        let events = EPOLLIN.rawValue | EPOLLOUT.rawValue
        sessions[session.id] = session
        writers.insert(session.id)
        guard ecluse_epoll_set(epoll, EPOLL_CTL_ADD, session.descriptor, events, session.id) == 0 else {
            return end(session, reason: "epoll: \(systemReason())")
        }
        newcomers.add(session.id)
    }

    /// After a turn of `session`: ends it when it must end, or sets what its socket is waited for.
    private func review(_ session: SFTPSession) {
        if let reason = session.endReason { return end(session, reason: reason) }
        let wantsToWrite = session.wantsToWrite
        guard wantsToWrite != writers.contains(session.id) else { return }
        let events = EPOLLIN.rawValue | (wantsToWrite ? EPOLLOUT.rawValue : 0)
        guard ecluse_epoll_set(epoll, EPOLL_CTL_MOD, session.descriptor, events, session.id) == 0 else {
            return end(session, reason: "epoll: \(systemReason())")
        }
        if wantsToWrite { writers.insert(session.id) } else { writers.remove(session.id) }
    }

    private func end(_ session: SFTPSession, reason: String) {
        guard sessions.removeValue(forKey: session.id) != nil else { return }
        writers.remove(session.id)
        if session.descriptor >= 0 {
            _ = ecluse_epoll_set(epoll, EPOLL_CTL_DEL, session.descriptor, 0, session.id)
        }
        let written = session.conversation?.bytesWritten ?? 0
        let read = session.conversation?.bytesRead ?? 0
        // Before the peer learns of the end: its next connection must meet the penalty.
        if session.admission == nil { session.chargeAtEnd() }
        session.close(telling: reason)
        services.gate.leave(session.id)
        guard let admission = session.admission else { return }
        services.logger.info(
            "session ended",
            metadata: [
                "sender": "\(admission.sender)", "user": "\(admission.user)", "address": "\(session.address)",
                "received": "\(written)", "sent": "\(read)", "reason": "\(reason)",
                "seconds": "\(Int(SFTPClock.now() - session.startedAt))",
            ])
    }
}

// Times and revocation.
extension SFTPWorker {
    private func reviewAll(_ now: TimeInterval) {
        if now - lastRevocation >= SFTPWorker.revocationInterval {
            lastRevocation = now
            endRevoked()
        }
        for session in Array(sessions.values) {
            if let reason = overdue(session, now) {
                end(session, reason: reason)
                continue
            }
            session.retry(now: now)
            review(session)
            if now - session.lastActivity > 2 { session.trim() }
        }
    }

    /// Sessions of one log-in are asked about once.
    private func endRevoked() {
        var reasons: [Admission: String?] = [:]
        for session in Array(sessions.values) {
            guard let admission = session.admission else { continue }
            let reason = reasons[admission] ?? reasonToEnd(admission)
            reasons.updateValue(reason, forKey: admission)
            if let reason { end(session, reason: reason) }
        }
    }

    /// Nil when it still stands. Where that cannot be told no session goes on: nobody could revoke any.
    private func reasonToEnd(_ admission: Admission) -> String? {
        do {
            let stands = try services.directory.stillStands(admission)
            return stands ? nil : "the sender or its key is no longer admitted"
        } catch {
            return "the registry cannot be read: \(error)"
        }
    }

    private func overdue(_ session: SFTPSession, _ now: TimeInterval) -> String? {
        if let stopAt, now >= stopAt || !session.hasChannel { return "the server is stopping" }
        if let closedAt = session.closedAt {
            let lingering = stopAt == nil ? SFTPWorker.lingering : SFTPWorker.lingeringAtStop
            return now - closedAt > lingering ? "channel closed" : nil
        }
        if session.admission == nil {
            let isLate = now - session.startedAt > services.configuration.authenticationTime
            return isLate ? "no log-in in time" : nil
        }
        return now - session.lastActivity > services.configuration.idleTime && session.isIdle
            ? "idle for too long" : nil
    }
}
