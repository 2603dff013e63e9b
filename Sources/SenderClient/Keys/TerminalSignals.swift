internal import Glibc
internal import Synchronization

/// Holds back signals that would end the process while its terminal is silent.
enum TerminalSignals {
    private static let held = [SIGHUP, SIGINT, SIGQUIT, SIGTERM]
    /// One prompt at a time: what a signal does is the whole process's.
    private static let turn = Mutex(())
    /// Where the handler writes; -1 while nobody asks.
    private static let outlet = Atomic<Int32>(-1)

    /// Runs `body` with a descriptor that can be read when a signal has come. Its turn comes when `body` is over:
    /// `raising` is called with it, when it does again what it did before.
    static func caught<Result: Sendable, Fault: Error>(
        _ body: (Int32) throws(Fault) -> Result, raising: (Int32) -> Void
    ) throws(Fault) -> Result {
        let outcome = turn.withLock { _ in
            var ends: [Int32] = [-1, -1]
            pipe(&ends)
            for end in ends {
                _ = fcntl(end, F_SETFD, FD_CLOEXEC)
                _ = fcntl(end, F_SETFL, O_NONBLOCK)
            }
            outlet.store(ends[1], ordering: .sequentiallyConsistent)
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { signal in TerminalSignals.note(signal) }
            let before = held.map { signal in
                var old = sigaction()
                sigaction(signal, &action, &old)
                return old
            }
            let outcome = Swift.Result { () throws(Fault) in try body(ends[0]) }
            for (signal, var old) in zip(held, before) { sigaction(signal, &old, nil) }
            outlet.store(-1, ordering: .sequentiallyConsistent)
            var signal: UInt8 = 0
            let hasCome = read(ends[0], &signal, 1) == 1
            for end in ends { close(end) }
            return (outcome, hasCome ? Int32(signal) : nil)
        }
        if let signal = outcome.1 { raising(signal) }
        return try outcome.0.get()
    }

    /// Waits until there is something to read; false when a signal came first.
    static func isReadable(_ descriptor: Int32, before signals: Int32) -> Bool {
        var watched = [
            pollfd(fd: signals, events: Int16(POLLIN), revents: 0),
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
        ]
        while poll(&watched, 2, -1) < 0, errno == EINTR {}
        return watched[0].revents == 0
    }

    /// On whatever thread the signal came to, in the middle of anything.
    private static func note(_ signal: Int32) {
        let error = errno
        var number = UInt8(signal)
        _ = write(outlet.load(ordering: .sequentiallyConsistent), &number, 1)
        errno = error
    }
}
