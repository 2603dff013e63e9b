import Foundation

/// A running program with pipes to its three streams. Foundation's `Process` watches a descriptor that the
/// child inherits and takes its closing for the end; `ssh` closes what it did not open, and every other wait
/// then hangs behind it.
final class ChildProgram {
    struct Fault: Error {
        let reason: String
    }

    let pid: pid_t
    private var input: Int32
    private let output: Int32
    private let errors: Int32
    private var status: Int32?

    /// No descriptor of one child may be born while another is spawned.
    private static let spawning = NSLock()

    init(_ program: String, _ arguments: [String], environment: [String: String] = [:]) throws {
        signal(SIGPIPE, SIG_IGN)
        let all = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let words = ([program] + arguments).map { strdup($0) } + [nil]
        let variables = all.map { strdup("\($0)=\($1)") } + [nil]
        defer { (words + variables).forEach { free($0) } }
        ChildProgram.spawning.lock()
        defer { ChildProgram.spawning.unlock() }
        let pipes = try (0..<3).map { _ in try ChildProgram.pipe() }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, pipes[0].reading, 0)
        posix_spawn_file_actions_adddup2(&actions, pipes[1].writing, 1)
        posix_spawn_file_actions_adddup2(&actions, pipes[2].writing, 2)
        var child = pid_t()
        let code = posix_spawn(&child, program, &actions, nil, words, variables)
        for end in [pipes[0].reading, pipes[1].writing, pipes[2].writing] { close(end) }
        input = pipes[0].writing
        output = pipes[1].reading
        errors = pipes[2].reading
        pid = child
        guard code == 0 else { throw Fault(reason: "\(program): \(String(cString: strerror(code)))") }
    }

    deinit {
        stop()
        closeInput()
        close(output)
        close(errors)
    }

    func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(input, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    func closeInput() {
        guard input >= 0 else { return }
        close(input)
        input = -1
    }

    /// Exactly `count` bytes of the output, nil when it ends before.
    func read(_ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = bytes.withUnsafeMutableBytes { buffer in
                Foundation.read(output, buffer.baseAddress?.advanced(by: filled), count - filled)
            }
            guard got > 0 else { return nil }
            filled += got
        }
        return bytes
    }

    /// Both streams to their end, read together.
    func readToEnd() -> (output: [UInt8], errors: [UInt8]) {
        var collected: [Int32: [UInt8]] = [output: [], errors: []]
        var open: Set<Int32> = [output, errors]
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while !open.isEmpty {
            var polled = open.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            guard poll(&polled, nfds_t(polled.count), -1) > 0 else { continue }
            for ready in polled where ready.revents != 0 {
                let count = Foundation.read(ready.fd, &buffer, buffer.count)
                if count > 0 {
                    collected[ready.fd]?.append(contentsOf: buffer.prefix(count))
                } else {
                    open.remove(ready.fd)
                }
            }
        }
        return (collected[output] ?? [], collected[errors] ?? [])
    }

    func stop() {
        guard status == nil else { return }
        kill(pid, SIGKILL)
        _ = wait()
    }

    /// The exit status; 128 and the signal when it was killed.
    @discardableResult
    func wait() -> Int32 {
        if let status { return status }
        var raw: Int32 = 0
        while waitpid(pid, &raw, 0) < 0, errno == EINTR {}
        let ended = raw & 0x7F == 0 ? raw >> 8 & 0xFF : 128 + (raw & 0x7F)
        status = ended
        return ended
    }

    private static func pipe() throws -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [-1, -1]
        guard Foundation.pipe(&ends) == 0 else { throw Fault(reason: String(cString: strerror(errno))) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }
}
