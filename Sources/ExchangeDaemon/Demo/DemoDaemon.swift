internal import Foundation

/// The demo's daemon: a child process like any other daemon.
final class DemoDaemon {
    typealias Address = (host: String, port: Int)

    let sftp: Address
    let web: Address
    private let process = Process()

    /// Starts it and waits until it is ready, 60 s at the most.
    init(_ configuration: String, spool: String, log: URL) throws {
        _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        process.executableURL = URL(fileURLWithPath: ExternalProgram.ecluse.name)
        process.arguments = ["serve", "--config", configuration]
        process.standardError = try FileHandle(forWritingTo: log)
        try process.run()
        let ready = URL(fileURLWithPath: spool).appendingPathComponent("run/ecluse.json")
        for _ in 0..<1200 where process.isRunning {
            if let data = try? Data(contentsOf: ready),
                let addresses = try? JSONDecoder().decode(Ready.self, from: data),
                let sftp = Configuration.address(addresses.sftp),
                let web = Configuration.address(addresses.web)
            {
                (self.sftp, self.web) = (sftp, web)
                return
            }
            Thread.sleep(forTimeInterval: 0.05)
        }
        process.terminate()
        let words = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
        throw CommandFailure(.failed, "the daemon did not start:\n\(words)")
    }

    private struct Ready: Decodable {
        let sftp: String
        let web: String
    }

    /// Drains it.
    func stop() {
        guard process.isRunning else { return }
        process.terminate()
        process.waitUntilExit()
    }
}
