internal import CLibSSH
internal import Foundation
internal import Logging

/// The thread that accepts connections and hands them to the workers in turn. Only it uses the transport's
/// `ssh_bind`.
///
/// `@unchecked Sendable`: after `start()` everything but `wake` and `done` is used by the acceptor's own thread only.
final class SFTPAcceptor: @unchecked Sendable {
    private let listener: SSHListener
    private let transport: SSHTransport
    private let workers: [SFTPWorker]
    private let services: SFTPSessionServices
    private let wake: SFTPInbox
    private let done = DispatchSemaphore(value: 0)
    private var next = 0
    private var isStopped = false

    init(
        listener: consuming SSHListener, transport: consuming SSHTransport, workers: [SFTPWorker],
        services: SFTPSessionServices
    ) throws(SFTPServerFault) {
        self.listener = listener
        self.transport = transport
        self.workers = workers
        self.services = services
        wake = try SFTPInbox()
    }

    func start() {
        let thread = Thread { [self] in
            while !isStopped { turn() }
            done.signal()
        }
        thread.name = "sftp-accept"
        thread.start()
    }

    /// Returns when nothing is accepted any more.
    func stop() {
        wake.post(.stop(grace: 0))
        done.wait()
        done.signal()
    }

    private func turn() {
        guard isReadable(listener.descriptor, within: -1) else { return }
        let descriptor = ecluse_accept(listener.descriptor)
        guard descriptor >= 0 else { return recover(from: errno) }
        admit(descriptor)
    }

    /// Waits for the listening socket; false when it is not that which woke us.
    private func isReadable(_ descriptor: Int32, within milliseconds: Int32) -> Bool {
        var polled = [
            pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
        ]
        guard poll(&polled, 2, milliseconds) > 0 else { return false }
        if polled[0].revents != 0 { isStopped = true }
        return !isStopped && polled[1].revents != 0
    }

    /// Most errors of `accept` belong to one connection. When descriptors or memory have run out, waiting is
    /// all that helps; the connection stays in the queue of the system.
    private func recover(from code: Int32) {
        guard [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(code) else { return }
        services.logger.error(
            "connection not accepted", metadata: ["reason": "\(String(cString: strerror(code)))"])
        _ = isReadable(-1, within: 200)
    }

    private func admit(_ descriptor: Int32) {
        guard let name = SSHListener.name(of: descriptor, getpeername) else {
            close(descriptor)
            return
        }
        let address = PeerAddress(name.host)
        switch services.gate.enter(address, at: SFTPClock.now()) {
        case .refused(let reason):
            close(descriptor)
            services.logger.debug(
                "connection refused", metadata: ["address": "\(address)", "reason": "\(reason)"])
        case .admitted(let id, let evicting, let isExcused):
            if let evicting {
                workers.forEach { $0.inbox.post(.evict(session: evicting, isExcused: isExcused)) }
            }
            setOptions(descriptor)
            guard let session = transport.session(on: descriptor) else {
                services.gate.leave(id)
                services.logger.error("connection dropped: the SSH library refused it")
                return
            }
            workers[next].inbox.post(.newcomer(SFTPNewcomer(id: id, address: address, transport: session)))
            next = (next + 1) % workers.count
        }
    }

    private func setOptions(_ descriptor: Int32) {
        let options: [(level: Int32, name: Int32, value: Int32)] = [
            (Int32(IPPROTO_TCP), TCP_NODELAY, 1), (SOL_SOCKET, SO_KEEPALIVE, 1),
            (Int32(IPPROTO_TCP), TCP_KEEPIDLE, 60), (Int32(IPPROTO_TCP), TCP_KEEPINTVL, 15),
            (Int32(IPPROTO_TCP), TCP_KEEPCNT, 4),
        ]
        for option in options {
            var value = option.value
            // Without them the connection still works.
            setsockopt(descriptor, option.level, option.name, &value, socklen_t(MemoryLayout<Int32>.size))
        }
    }
}
