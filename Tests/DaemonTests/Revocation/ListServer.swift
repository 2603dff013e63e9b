import Foundation
import TestServers

/// Python's `http.server`, with the revocation lists an authority publishes.
final class ListServer: Sendable {
    let port = freePort()
    private let scratch: Scratch
    private let process: ServerProcess

    init() throws {
        scratch = try Scratch()
        process = try ServerProcess(
            "/usr/bin/env",
            [
                "python3", "-m", "http.server", "--bind", "127.0.0.1", "--directory", scratch.folder("lists"),
                "\(port)",
            ],
            log: scratch.file("log"))
        try process.awaitPort(port)
    }

    func url(_ name: String) -> String { "http://127.0.0.1:\(port)/\(name)" }

    /// Whole at once, in place of an older one.
    func publish(_ list: [UInt8], _ name: String) throws {
        try Data(list).write(to: URL(fileURLWithPath: scratch.file("lists/" + name)), options: .atomic)
    }
}
