import Foundation

/// A program run to its end, with its output; killed after `timeout` seconds.
struct Command {
    let status: Int32
    let output: String
    let errors: String

    static func run(
        _ program: String, _ arguments: [String], input: String = "", environment: [String: String] = [:],
        timeout: TimeInterval = 60
    ) throws -> Command {
        let child = try ChildProgram(program, arguments, environment: environment)
        let pid = child.pid
        let timer = DispatchWorkItem { _ = kill(pid, SIGKILL) }
        DispatchQueue.global().asyncAfter(deadline: .now() + timeout, execute: timer)
        defer { timer.cancel() }
        child.write(Array(input.utf8))
        child.closeInput()
        let (output, errors) = child.readToEnd()
        return Command(
            status: child.wait(), output: String(decoding: output, as: UTF8.self),
            errors: String(decoding: errors, as: UTF8.self))
    }

    static func exists(_ program: String) -> Bool {
        access(program, X_OK) == 0
    }
}
