import Foundation
import Synchronization

/// A temporary instance made by `ecluse init`, its commands, and its daemon: the built binary, as a child process.
final class Instance: Sendable {
    /// Exactly this text in the configuration is replaced by that.
    typealias Change = (text: String, replacement: String)

    private struct State {
        var daemon: RunningProgram?
        var port = 0
        var webPort = 0
        var earlierLogs = ""
        var senders = 0
    }

    let scratch: Scratch
    let authority: Authority
    /// The servers it polls, when it polls any.
    let outside: OutsideServers?
    private let ecluse: String
    private let state = Mutex(State())

    /// - Parameter changes: of the configuration. Penalties are off unless a test is about them: tests of one
    ///   machine share an address.
    init(_ changes: [Change] = [], penalties: Bool = false, polling outside: OutsideServers? = nil) throws {
        self.outside = outside
        scratch = try Scratch()
        ecluse = try Built.ecluse()
        authority = try Authority("Test Qualified CA")
        let made = try Program.run(
            ecluse, ["init", scratch.file("i"), "--sftp", "127.0.0.1:0", "--web", "127.0.0.1:0"])
        guard made.status == 0 else { throw Program.Fault(description: "init failed: \(made.errors)") }
        if !penalties { try change(("penalties: on ", "penalties: off ")) }
        for change in changes + (outside?.changes ?? []) { try self.change(change) }
        try must("trust", "add", scratch.write(authority.pem, to: "authority.pem"))
    }

    deinit { kill() }

    func path(_ name: String) -> String { scratch.file("i/" + name) }

    var configuration: String { path("config/ecluse.yaml") }

    /// Replaces text of a file of the configuration; the text must be there exactly once.
    func change(_ change: Change, in file: String = "config/ecluse.yaml") throws {
        let text = try String(contentsOfFile: path(file), encoding: .utf8)
        guard text.components(separatedBy: change.text).count == 2 else {
            throw Program.Fault(description: "'\(change.text)' does not stand in \(file) exactly once")
        }
        try text.replacingOccurrences(of: change.text, with: change.replacement)
            .write(toFile: path(file), atomically: true, encoding: .utf8)
    }

    /// Runs a command of this instance.
    func run(_ arguments: String..., input: String = "") throws -> Program {
        try Program.run(ecluse, arguments + ["--config", configuration], input: input)
    }

    /// Runs a command that must succeed.
    @discardableResult
    func must(_ arguments: String...) throws -> Program {
        let run = try Program.run(ecluse, arguments + ["--config", configuration])
        guard run.status == 0 else {
            throw Program.Fault(description: "ecluse \(arguments) ended with \(run.status): \(run.errors)")
        }
        return run
    }

    /// The next number for a sender, and one for its company.
    func nextSender() -> Int {
        state.withLock { state in
            state.senders += 1
            return 6399 + state.senders
        }
    }
}

// The daemon.
extension Instance {
    var port: Int { state.withLock { $0.port } }

    var webPort: Int { state.withLock { $0.webPort } }

    /// What all daemons of this instance have logged.
    var log: String { state.withLock { $0.earlierLogs + ($0.daemon?.errors ?? "") } }

    var isRunning: Bool { state.withLock { $0.daemon?.isRunning ?? false } }

    /// Starts a daemon on this instance without waiting for it to be ready.
    ///
    /// - Parameter launcher: a program, with its arguments, that becomes the daemon; nobody by default.
    func spawn(by launcher: [String] = []) throws -> RunningProgram {
        let nothing = try Capture()
        let command = launcher + [ecluse, "serve", "--config", configuration]
        let daemon = try RunningProgram(command[0], Array(command.dropFirst()), input: nothing.reading)
        Warden.shared?.watch(daemon.identifier)
        return daemon
    }

    /// Starts the daemon and waits until it says that it is ready.
    func start(by launcher: [String] = []) throws {
        let daemon = try spawn(by: launcher)
        state.withLock { state in
            state.earlierLogs += state.daemon?.errors ?? ""
            state.daemon = daemon
        }
        var ready: [String: Any]?
        _ = eventually(within: 120) {
            ready = readyFile(of: daemon.identifier)
            return ready != nil || !daemon.isRunning
        }
        let ports = ["sftp", "web"].map {
            (ready?[$0] as? String)?.split(separator: ":").last.flatMap { Int($0) }
        }
        guard let port = ports[0] else {
            throw Program.Fault(description: "the daemon did not become ready: \(daemon.errors)")
        }
        state.withLock { state in
            state.port = port
            state.webPort = ports[1] ?? 0
        }
        let key = try String(contentsOfFile: path("config/keys/ssh_host_ed25519_key.pub"), encoding: .utf8)
        try "[127.0.0.1]:\(port) \(key)\n".write(
            toFile: scratch.file("known_hosts"), atomically: true, encoding: .utf8)
    }

    private func readyFile(of process: Int32) -> [String: Any]? {
        guard let data = FileManager.default.contents(atPath: path("spool/run/ecluse.json")),
            let ready = try? JSONSerialization.jsonObject(with: data) as? [String: Any],
            ready["pid"] as? Int == Int(process)
        else { return nil }
        return ready
    }

    /// The number of the daemon's process; 0 before there is one.
    var process: Int32 { state.withLock { $0.daemon?.identifier ?? 0 } }

    func signal(_ number: Int32) {
        state.withLock { $0.daemon }?.send(number)
    }

    /// Asks the daemon to end; returns its exit status, or nil when it had to be killed.
    func stop() -> Int32? {
        guard let daemon = state.withLock({ $0.daemon }) else { return nil }
        daemon.send(SIGTERM)
        guard eventually(within: 120, { !daemon.isRunning }) else {
            daemon.kill()
            return nil
        }
        return daemon.finish(within: 1).status
    }

    /// As a power cut would, for the process.
    func kill() {
        state.withLock { $0.daemon }?.kill()
    }
}
