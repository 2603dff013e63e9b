import Logging
import Synchronization

/// Keeps what is logged.
final class LogLines: LogHandler, Sendable {
    private let lines = Mutex<[(level: Logger.Level, message: String, fault: String)]>([])

    var logger: Logger { Logger(label: "test", factory: { _ in self }) }
    var all: [(level: Logger.Level, message: String, fault: String)] { lines.withLock { $0 } }
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }

    subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        let fault = event.metadata?["fault"].map { "\($0)" } ?? ""
        lines.withLock { $0.append((event.level, event.message.description, fault)) }
    }

    /// How often something was said.
    func count(of message: String) -> Int { all.count { $0.message == message } }
}
