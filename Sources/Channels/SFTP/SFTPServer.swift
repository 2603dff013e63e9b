public import Exchange
public import Logging
internal import Synchronization

public import struct Foundation.TimeInterval

/// The SFTP channel: senders log in with their keys and see a home of six directories (domain 2.1, 2.2).
///
/// Log-in is by public key only. After it there is the `sftp` subsystem, version 3 of the protocol, and
/// nothing else: no shell, no commands, no forwarding. Who may log in is asked of the `SenderDirectory`,
/// again every second while a session lasts; files are the business of the `Intake`.
///
/// A server is started once. Stopping is idempotent and safe from any thread but the server's own.
public final class SFTPServer: Sendable {
    private struct Running {
        let acceptor: SFTPAcceptor
        let workers: [SFTPWorker]
    }

    private enum State {
        case idle
        case running(Running)
        case stopped
    }

    private let services: SFTPSessionServices
    private let state = Mutex(State.idle)

    public init(
        configuration: SFTPServerConfiguration, directory: any SenderDirectory, intake: any Intake,
        logger: Logger
    ) {
        services = SFTPSessionServices(
            configuration: configuration, directory: directory, intake: intake,
            gate: SFTPGate(configuration: configuration), logger: logger)
    }

    deinit { stop(grace: 0) }

    /// Connections at this moment, logged in or not.
    public var sessionCount: Int { services.gate.count }

    /// Reads the host keys, binds, and starts the threads. Returns the numeric address and the port it
    /// listens on.
    public func start() throws(SFTPServerFault) -> (host: String, port: Int) {
        let isIdle = state.withLock { state in
            if case .idle = state { true } else { false }
        }
        guard isIdle else { throw .alreadyStarted }
        let configuration = services.configuration
        let transport = try SSHTransport.make(hostKeyFiles: configuration.hostKeyFiles)
        let listener = try SSHListener.open(host: configuration.host, port: configuration.port)
        let address = (listener.host, listener.port)
        var workers: [SFTPWorker] = []
        for _ in 0..<max(1, configuration.workers) { workers.append(try SFTPWorker(services: services)) }
        let acceptor = try SFTPAcceptor(
            listener: listener, transport: transport, workers: workers, services: services)
        let running = Running(acceptor: acceptor, workers: workers)
        let isFirst = state.withLock { state in
            guard case .idle = state else { return false }
            state = .running(running)
            // Started under the lock, so that a stop meanwhile finds threads it can join.
            for (number, worker) in running.workers.enumerated() { worker.start(number: number) }
            running.acceptor.start()
            return true
        }
        guard isFirst else { throw .alreadyStarted }
        return address
    }

    /// Stops accepting, lets requests that wait for the spool be answered for up to `grace` seconds, closes
    /// all sessions, and returns when the threads have ended. Uploads still open are abandoned.
    public func stop(grace: TimeInterval) {
        let running: Running? = state.withLock { state in
            defer { state = .stopped }
            guard case .running(let running) = state else { return nil }
            return running
        }
        guard let running else { return }
        running.acceptor.stop()
        for worker in running.workers { worker.inbox.post(.stop(grace: grace)) }
        for worker in running.workers { worker.join() }
    }
}
