import Foundation

/// A program run to its end, with what it said. Waiting happens outside of Swift's threads, which serve the requests.
struct Program: Sendable {
    let status: Int32
    let output: [UInt8]
    let errors: String

    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    var text: String { String(decoding: output, as: UTF8.self) }

    /// - Parameters:
    ///   - name: found on PATH, or an absolute path.
    ///   - limit: seconds after which it is killed.
    static func run(
        _ name: String, _ arguments: [String], input: [UInt8] = [], limit: TimeInterval = 120
    ) async throws -> Program {
        try await withCheckedThrowingContinuation { continuation in
            // The shared queues have a limited number of threads, and the fakes answer on them.
            Thread.detachNewThread {
                continuation.resume(with: Result { try finish(name, arguments, input: input, limit: limit) })
            }
        }
    }

    /// The same, for a program that is a tool of the test: it must succeed.
    @discardableResult
    static func need(_ name: String, _ arguments: [String], input: [UInt8] = []) async throws -> [UInt8] {
        let run = try await run(name, arguments, input: input)
        guard run.status == 0 else {
            throw Fault(
                description: "\(name) \(arguments) ended with \(run.status): \(run.errors)\(run.text)")
        }
        return run.output
    }

    private static func finish(
        _ name: String, _ arguments: [String], input: [UInt8], limit: TimeInterval
    ) throws -> Program {
        let scratch = try Scratch()
        let given = try scratch.write(input, to: "input")
        let said = try scratch.write([], to: "output")
        let complained = try scratch.write([], to: "errors")
        let pid = try spawn(name, arguments, input: given, output: said, errors: complained)
        let end = Date(timeIntervalSinceNow: limit)
        var raw: Int32 = 0
        while waitpid(pid, &raw, WNOHANG) == 0 {
            if Date() > end { kill(pid, SIGKILL) }
            usleep(5000)
        }
        return Program(
            status: raw & 0x7F == 0 ? raw >> 8 & 0xFF : 128 + (raw & 0x7F),
            output: try Scratch.bytes(of: said),
            errors: String(decoding: try Scratch.bytes(of: complained), as: UTF8.self))
    }

    /// Foundation's `Process` takes the closing of a descriptor for the end, and loses ends when many run at once.
    private static func spawn(
        _ name: String, _ arguments: [String], input: String, output: String, errors: String
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY, 0)
        let words = ([name] + arguments).map { strdup($0) } + [nil]
        let variables = ProcessInfo.processInfo.environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { (words + variables).forEach { free($0) } }
        var pid = pid_t()
        let code = posix_spawnp(&pid, name, &actions, nil, words, variables)
        guard code == 0 else { throw Fault(description: "\(name): \(String(cString: strerror(code)))") }
        return pid
    }
}
