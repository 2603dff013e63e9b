internal import CSeccomp
internal import Exchange
internal import Foundation
internal import Synchronization

/// A worker as a process, and the daemon's end of its socket.
final class WorkerProcess: Sendable {
    let pid: pid_t
    let socket: FrameSocket
    /// How it ended, once that was asked for.
    private let status = Mutex<Int32?>(nil)
    /// Seconds between two looks at a worker that says nothing.
    private static let patience = 1

    /// Starts `program worker` with the socket as standard input, no other open file, no environment but where libraries
    /// lie, in a process group of its own, and deaf to the signals that end or reload a daemon: it ends with its socket, and
    /// with the calling thread.
    init(program: String) throws(Deferral) {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0
        else { throw WorkerProcess.fault(errno) }
        socket = FrameSocket(owning: ends[0], limit: FrameSocket.wordLimit)
        defer { close(ends[1]) }
        var time = timeval(tv_sec: WorkerProcess.patience, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(ends[0], SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
        }
        pid = try WorkerProcess.spawn(program, with: ends[1])
    }

    private static func spawn(_ program: String, with standardInput: Int32) throws(Deferral) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, standardInput, STDIN_FILENO)
        for output in [STDOUT_FILENO, STDERR_FILENO] {
            posix_spawn_file_actions_addopen(&actions, output, "/dev/null", O_WRONLY, 0)
        }
        ecluse_close_from(&actions, STDERR_FILENO + 1)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var deaf = sigset_t()
        sigemptyset(&deaf)
        for signal in [SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2] { sigaddset(&deaf, signal) }
        posix_spawnattr_setsigmask(&attributes, &deaf)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))
        let environment = getenv("LD_LIBRARY_PATH").map { ["LD_LIBRARY_PATH=" + String(cString: $0)] } ?? []
        var pid = pid_t()
        let result = withStrings(["ecluse", "worker"]) { arguments in
            withStrings(environment) { posix_spawn(&pid, program, &actions, &attributes, arguments, $0) }
        }
        guard result == 0 else { throw fault(result) }
        return pid
    }

    /// Runs `body` with the strings as C has them.
    private static func withStrings<Value>(
        _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Value
    ) -> Value {
        let copies = strings.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies + [nil])
    }

    private static func fault(_ error: Int32) -> Deferral {
        Deferral(.workerUnavailable, "A worker could not be started: \(String(cString: strerror(error))).")
    }

    /// False once it has ended by itself, or was ended by somebody.
    var isRunning: Bool { wait(WNOHANG) == nil }

    /// Seconds of processor time it has used; nil when it has gone.
    var processorTime: Double? {
        var clock = clockid_t()
        var time = timespec()
        guard clock_getcpuclockid(pid, &clock) == 0, clock_gettime(clock, &time) == 0 else { return nil }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Ends it, if it has not ended, and says how it ended.
    @discardableResult
    func end() -> String {
        if status.withLock({ $0 }) == nil { kill(pid, SIGKILL) }
        guard let status = wait(0) else { return "it has gone" }
        let signal = status & 0x7F
        return signal == 0 ? "it ended with \(status >> 8 & 0xFF)" : "signal \(signal) ended it"
    }

    /// Its status, asked of the kernel once: afterwards the number may be another's.
    private func wait(_ options: Int32) -> Int32? {
        status.withLock { known in
            if let known { return known }
            var status: Int32 = 0
            var result: pid_t
            repeat { result = waitpid(pid, &status, options) } while result < 0 && errno == EINTR
            if result != 0 { known = status }
            return known
        }
    }
}
