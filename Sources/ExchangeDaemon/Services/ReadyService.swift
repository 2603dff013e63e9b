internal import Foundation
internal import Logging
internal import ServiceLifecycle

/// Says that the daemon is ready, by the ready file and by systemd's notification, and takes the file away when the
/// daemon begins to stop.
struct ReadyService: Service {
    let file: ReadyFile
    /// `sftp` → `host:port`.
    let addresses: [String: String]
    let logger: Logger

    func run() async throws {
        try file.write(addresses: addresses)
        let shown = addresses.map { "\($0.key) \($0.value)" }.sorted().joined(separator: ", ")
        logger.notice("ready", metadata: ["addresses": "\(shown)"])
        SystemNotice.send("READY=1")
        try? await gracefulShutdown()
        SystemNotice.send("STOPPING=1")
        logger.notice("stopping")
        file.remove()
    }
}
