internal import Foundation

/// A program of the system, found on PATH unless its path is given.
struct ExternalProgram {
    let name: String

    /// The program that runs, as anybody would call it.
    static let ecluse = ExternalProgram(
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path)

    init(_ name: String) {
        self.name = name
    }

    /// Runs it to its end with `input` on standard input; throws with what it said on standard error when it fails.
    @discardableResult
    func run(_ arguments: [String], input: String = "") throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [name] + arguments
        let (stdin, stdout, stderr) = (Pipe(), Pipe(), Pipe())
        process.standardInput = stdin
        process.standardOutput = stdout
        process.standardError = stderr
        try process.run()
        stdin.fileHandleForWriting.write(Data(input.utf8))
        try stdin.fileHandleForWriting.close()
        let said = stdout.fileHandleForReading.readDataToEndOfFile()
        let complained = stderr.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let words = String(decoding: complained, as: UTF8.self).trimmingCharacters(
                in: .whitespacesAndNewlines)
            throw CommandFailure(.failed, "\(name) failed: \(words)")
        }
        return String(decoding: said, as: UTF8.self)
    }
}
