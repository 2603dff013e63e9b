import Foundation
import TestServers

/// The program under test, and clients that are not system packages.
enum Built {
    /// The built `ecluse`, found beside or above the test bundle.
    static func ecluse() throws -> String { try BuiltProgram.path("ecluse") }

    /// The directory in which FTP servers are unpacked; empty when there is none.
    static var servers: String {
        BuiltProgram.above { "\($0)/.build/servers/proftpd-core/usr/sbin/proftpd" }.map {
            URL(fileURLWithPath: $0 + "/../../../..").standardizedFileURL.path
        } ?? ""
    }

    /// A Python that has paramiko and asyncssh: the one installed beside the build, or one made for this run.
    static func python() throws -> String { try clients.get() }

    private static let clients = Result<String, any Error> {
        for candidate in ["clients/bin/python", ".build/clients/bin/python"] {
            if let found = BuiltProgram.above({ "\($0)/\(candidate)" }) { return found }
        }
        let folder = FileManager.default.temporaryDirectory.path + "/ecluse-test-clients"
        let python = folder + "/bin/python"
        if (try? Program.run(python, ["-c", "import paramiko, asyncssh"]))?.status == 0 { return python }
        try Program.need("python3", ["-m", "venv", folder])
        try Program.need(python, ["-m", "pip", "install", "--quiet", "paramiko", "asyncssh"])
        return python
    }
}
