internal import Foundation
internal import Logging
internal import Pipeline
internal import ServiceLifecycle
internal import UnixSignals

/// Reads the configuration, catalogues and schemas again on SIGHUP. What cannot be read leaves the old ground in
/// force, and the log says why. Listeners, limits of the spool and thread counts change at a restart only.
struct ReloadService: Service {
    let file: String
    let pipeline: Pipeline
    let logger: Logger

    func run() async throws {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            SystemNotice.send("RELOADING=1")
            do {
                let instance = try Instance(file: file)
                pipeline.reload(try instance.ground(), try instance.destinations())
                logger.notice("configuration reloaded")
            } catch {
                logger.error("reload refused; the old configuration stays", metadata: ["error": "\(error)"])
            }
            SystemNotice.send("READY=1")
        }
    }
}
