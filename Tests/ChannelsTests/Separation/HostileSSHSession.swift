import Exchange
import Testing

@testable import Channels

/// A sender's log-ins to a server of its spool's, by OpenSSH. Dates of directories are those of the log-in, so what is
/// shown of files and directories counts without dates.
final class HostileSSHSession: HostileConnection {
    private let sender: SenderNumber
    private let bench: SFTPBench
    private var client: SFTPTestClient

    init(_ sender: SenderNumber, at spool: SharedSpool) throws {
        self.sender = sender
        bench = try spool.bench()
        try bench.register("EXPs\(sender)", key: "key-\(sender)", kind: "ed25519", sender: sender)
        client = try Self.connect(sender, bench)
    }

    func take(_ step: HostileStep) throws -> [UInt8] {
        guard let packet = step.packet else {
            client.finish()
            client = try Self.connect(sender, bench)
            return []
        }
        switch try #require(client.ask(packet), "\(step) ended the connection") {
        case .names(let id, let names, _): return Array("\(id) \(names)".utf8)
        case .attributes(let id, let attributes):
            let (size, mode) = (attributes.size ?? 0, attributes.permissions ?? 0)
            return Array("\(id) \(size) \(mode)".utf8)
        case let reply: return Array("\(reply)".utf8)
        }
    }

    func end() { client.finish() }

    private static func connect(_ sender: SenderNumber, _ bench: SFTPBench) throws -> SFTPTestClient {
        try SFTPTestClient.connected(bench, user: "EXPs\(sender)", key: "key-\(sender)")
    }
}
