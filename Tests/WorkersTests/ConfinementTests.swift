import Foundation
import TestServers
import Testing

/// What a confined process cannot do any more. `Tests/Probe` tries.
@Suite struct ConfinementTests {
    private static let refused = "\(EPERM)"

    /// What the probe says of each attempt.
    private func probe(_ arguments: String...) throws -> [String: String] {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try Data("old".utf8).write(to: directory.appendingPathComponent("old"))
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: try BuiltProgram.path("ConfinementProbe"))
        process.arguments = [directory.path] + arguments
        process.standardOutput = output
        try process.run()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        let lines = text.split(separator: "\n").map {
            $0.split(separator: ": ", maxSplits: 1).map(String.init)
        }
        return Dictionary(uniqueKeysWithValues: lines.map { ($0[0], $0[1]) })
    }

    @Test func `a confined process reads and writes no file, reaches nobody and runs nothing`() throws {
        let confined = try probe()
        try #require(confined["filter"] == "done", "this kernel takes no filter of system calls")
        for attempt in [
            "read a file", "write a file", "remove a file", "look at a file", "reach the network",
            "reach a local service", "signal the parent", "become root", "raise a limit", "run a program",
            "have executable memory",
        ] {
            #expect(confined[attempt] == ConfinementTests.refused, "\(attempt)")
        }
        #expect(confined["have a page of memory"] == "done")
    }

    @Test func `a confined process has no more memory than it may`() throws {
        #expect(try probe()["have much memory"] == "\(ENOMEM)")
    }

    @Test func `what is refused would have been done otherwise`() throws {
        let free = try probe("--free")
        for attempt in free.keys where attempt != "become root" || geteuid() == 0 {
            #expect(free[attempt] == "done", "\(attempt)")
        }
    }
}
