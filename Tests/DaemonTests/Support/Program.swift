import Foundation

/// A program run to its end, with what it said.
struct Program: Sendable {
    let status: Int32
    let output: String
    let errors: String

    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    /// - Parameters:
    ///   - name: found on PATH, or an absolute path.
    ///   - limit: seconds after which it is killed; the status is then the number of the signal.
    static func run(
        _ name: String, _ arguments: [String], input: String = "", environment: [String: String] = [:],
        limit: TimeInterval = 180
    ) throws -> Program {
        let given = try Capture(holding: Array(input.utf8))
        return try RunningProgram(name, arguments, input: given.reading, environment: environment).finish(
            within: limit)
    }

    /// The same, for a program that is a tool of the test: it must succeed.
    @discardableResult
    static func need(_ name: String, _ arguments: [String], input: String = "") throws -> String {
        let run = try run(name, arguments, input: input)
        guard run.status == 0 else {
            throw Fault(
                description: "\(name) \(arguments) ended with \(run.status): \(run.errors)\(run.output)")
        }
        return run.output
    }

    /// What was printed, as one JSON object.
    func object() throws -> [String: Any] {
        let value = try JSONSerialization.jsonObject(with: Data(output.utf8))
        guard let object = value as? [String: Any] else {
            throw Fault(description: "not an object: \(output)")
        }
        return object
    }

    /// What was printed, as one JSON object a line.
    func objects() throws -> [[String: Any]] {
        try output.split(separator: "\n").map { line in
            guard let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            else {
                throw Fault(description: "not an object: \(line)")
            }
            return object
        }
    }
}

/// A child process; killed at the latest when this goes. `@unchecked Sendable`: `Process` guards its own state.
final class RunningProgram: @unchecked Sendable {
    private let process = Process()
    private let said: Capture
    private let complained: Capture

    init(
        _ name: String, _ arguments: [String], input: FileHandle, environment: [String: String] = [:]
    ) throws {
        said = try Capture()
        complained = try Capture()
        process.executableURL = URL(fileURLWithPath: name.hasPrefix("/") ? name : "/usr/bin/env")
        process.arguments = name.hasPrefix("/") ? arguments : [name] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = input
        process.standardOutput = said.writing
        process.standardError = complained.writing
        try process.run()
    }

    deinit { kill() }

    var identifier: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }
    var output: String { said.text }
    var errors: String { complained.text }

    /// True while a program that it started runs; one that has ended and was not waited for does not.
    var hasChildren: Bool {
        let list = RunningProgram.text(of: "/proc/\(identifier)/task/\(identifier)/children")
        return list.split(separator: " ").contains { child in
            let state = RunningProgram.text(of: "/proc/\(child)/stat").split(separator: ")").last?.first {
                $0 != " "
            }
            return state != nil && state != "Z"
        }
    }

    private static func text(of path: String) -> String {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    func send(_ signal: Int32) {
        guard process.isRunning else { return }
        Glibc.kill(process.processIdentifier, signal)
    }

    /// Ends it at once and waits until it is gone.
    func kill() {
        send(SIGKILL)
        process.waitUntilExit()
    }

    /// Waits for its end; kills it after `limit` seconds.
    func finish(within limit: TimeInterval) -> Program {
        if !eventually(within: limit, every: 0.003, { !process.isRunning }) { kill() }
        process.waitUntilExit()
        return Program(status: process.terminationStatus, output: output, errors: errors)
    }
}

/// A file without a name: one side writes, the other reads, and nobody has to empty a pipe.
final class Capture: Sendable {
    let writing: FileHandle
    let reading: FileHandle

    init(holding bytes: [UInt8] = []) throws {
        var path = Array((FileManager.default.temporaryDirectory.path + "/ecluse-capture-XXXXXX").utf8CString)
        let descriptor = mkstemp(&path)
        guard descriptor >= 0 else { throw Program.Fault(description: "no temporary file: errno \(errno)") }
        writing = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        reading = FileHandle(fileDescriptor: open(path, O_RDONLY | O_CLOEXEC), closeOnDealloc: true)
        unlink(path)
        if !bytes.isEmpty { try writing.write(contentsOf: Data(bytes)) }
    }

    /// Everything written so far.
    var text: String {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while case let count = pread(reading.fileDescriptor, &piece, piece.count, off_t(bytes.count)),
            count > 0
        {
            bytes += piece[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Asks until the answer is yes; false when it was not within `limit` seconds: long ones, for machines that do much
/// besides.
func eventually(
    within limit: TimeInterval = 120, every interval: TimeInterval = 0.03, _ condition: () throws -> Bool
) rethrows -> Bool {
    let end = ProcessInfo.processInfo.systemUptime + limit
    while true {
        if try condition() { return true }
        guard ProcessInfo.processInfo.systemUptime < end else { return false }
        Thread.sleep(forTimeInterval: interval)
    }
}

/// Runs everything at the same time, each on a thread of its own, and throws the first thing that went wrong.
func concurrently(_ works: [@Sendable () throws -> Void]) throws {
    let faults = Faults()
    let group = DispatchGroup()
    for work in works {
        group.enter()
        Thread.detachNewThread {
            do { try work() } catch { faults.add(error) }
            group.leave()
        }
    }
    group.wait()
    if let first = faults.first { throw first }
}

/// `@unchecked Sendable`: the lock guards the list.
private final class Faults: @unchecked Sendable {
    private let lock = NSLock()
    private var errors: [any Error] = []

    func add(_ error: any Error) { lock.withLock { errors.append(error) } }
    var first: (any Error)? { lock.withLock { errors.first } }
}
