internal import Foundation

/// Runs a program of the machine to its end, for what a fixture needs besides its server.
enum ServerTool {
    /// A run that must leave out no real server, such as CI's: a test of one that is not there fails.
    static let isRequired = ProcessInfo.processInfo.environment["ECLUSE_REQUIRE_CLIENTS"] != nil

    /// Throws with what it wrote when it ends with anything but 0, or not within two minutes.
    static func run(_ program: String, _ arguments: [String], in directory: String) throws {
        let log = directory + "/\(UUID().uuidString).log"
        let process = try ServerProcess(program, arguments, log: log)
        let status = process.awaitEnd(seconds: 120)
        defer { unlink(log) }
        guard status == 0 else {
            throw ServerProcess.Fault("\(program) \(arguments): \(status ?? -1)\n\(process.log)")
        }
    }

    /// The first of `names` in `PATH`.
    static func find(_ names: [String]) throws -> String {
        let places = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
        for name in names {
            for place in places where access("\(place)/\(name)", X_OK) == 0 { return "\(place)/\(name)" }
        }
        throw ServerProcess.Fault("None of \(names) is installed.")
    }
}

// Servers of Debian packages, installed or only unpacked.
extension ServerTool {
    /// The folder under which `package` has its files: unpacked in `.build/servers`, or `/` when it is installed.
    static func root(of package: String, with program: String) throws -> String {
        let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().path
        for root in ["\(project)/.build/servers/\(package)", ""] where access(root + program, X_OK) == 0 {
            return root
        }
        throw ServerProcess.Fault("\(package) is not there.")
    }

    /// Forty ports in a row below those the system gives out, for the data connections of one server, which takes
    /// the next when one of them is in use.
    static func passivePorts() -> ClosedRange<Int> {
        let first = Int.random(in: 15_000..<32_000)
        return first...first + 39
    }
}
