internal import Foundation
internal import Logging
internal import Pipeline
internal import ServiceLifecycle
internal import UnixSignals

/// Reads the configuration, catalogues and schemas again on SIGHUP. What cannot be read leaves the old ground in
/// force, and the log says why. Listeners, inboxes, limits of the spool and thread counts change at a restart only.
struct ReloadService: Service {
    let file: String
    let pipeline: Pipeline
    /// Threads that deliver; enough for the destinations there were at the start.
    let deliveringThreads: Int
    let grace: StopGrace
    let logger: Logger

    func run() async throws {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            SystemNotice.send("RELOADING=1")
            do {
                let instance = try Instance(file: file)
                guard instance.deliveringThreads <= deliveringThreads else {
                    throw CommandFailure(.failed, "more destinations at servers than before need a restart")
                }
                pipeline.reload(try instance.ground(), try instance.destinations { grace.isOver })
                logger.notice("configuration reloaded")
            } catch {
                logger.error("reload refused; the old configuration stays", metadata: ["error": "\(error)"])
            }
            SystemNotice.send("READY=1")
        }
    }
}
