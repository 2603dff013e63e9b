internal import Foundation
public import Glibc

/// A server program of the machine, with all it starts, until it is stopped or forgotten.
///
/// `@unchecked Sendable`: `status` is behind the lock, nothing else changes.
public final class ServerProcess: @unchecked Sendable {
    /// Why a fixture does not stand, in one sentence with the last lines of the log.
    public struct Fault: Error, CustomStringConvertible {
        public let description: String

        public init(_ description: String) {
            self.description = description
        }
    }

    public let pid: pid_t
    /// The file that has what the program writes to its two outputs.
    public let logPath: String
    private let program: String
    private let lock = NSLock()
    private var status: Int32?

    /// Starts `program` in a process group of its own, with no open files but its outputs.
    public init(
        _ program: String, _ arguments: [String], log: String, environment: [String: String] = [:]
    ) throws {
        self.program = program
        logPath = log
        let all = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let words = ([program] + arguments).map { strdup($0) } + [nil]
        let variables = all.map { strdup("\($0)=\($1)") } + [nil]
        defer { (words + variables).forEach { free($0) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // Whatever of the test's is open here and not marked to be closed; closing what is not open is harmless.
        for descriptor in 3..<Int32(1024) { posix_spawn_file_actions_addclose(&actions, descriptor) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        var child = pid_t()
        let code = posix_spawn(&child, program, &actions, &attributes, words, variables)
        guard code == 0 else { throw Fault("\(program): \(String(cString: strerror(code)))") }
        pid = child
    }

    deinit { stop() }

    /// Waits until the program takes connections at a loopback port.
    public func awaitPort(_ port: Int) throws {
        for _ in 0..<2400 {
            if acceptsConnections(port) { return }
            guard isRunning else { break }
            usleep(50_000)
        }
        throw Fault("\(program) does not listen at port \(port):\n\(log.suffix(2000))")
    }

    public var isRunning: Bool {
        lock.withLock {
            var raw: Int32 = 0
            if status == nil, waitpid(pid, &raw, WNOHANG) == pid {
                status = raw & 0x7F == 0 ? raw >> 8 & 0xFF : 128 + (raw & 0x7F)
            }
            return status == nil
        }
    }

    /// The exit status, 128 and the signal when it was killed; nil when it goes on after `seconds`.
    public func awaitEnd(seconds: Int) -> Int32? {
        for _ in 0..<seconds * 100 where isRunning { usleep(10_000) }
        return lock.withLock { status }
    }

    public var log: String {
        (try? String(decoding: Data(contentsOf: URL(fileURLWithPath: logPath)), as: UTF8.self)) ?? ""
    }

    /// Kills the program and what it started in its group. Harmless when repeated.
    public func stop() {
        lock.withLock {
            kill(-pid, SIGKILL)
            guard status == nil else { return }
            waitpid(pid, nil, 0)
            status = 128 + SIGKILL
        }
    }
}

private func acceptsConnections(_ port: Int) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
    }
}
