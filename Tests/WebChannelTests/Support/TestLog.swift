import Logging
import Synchronization

/// What one service logged.
final class TestLog: Sendable {
    struct Line: Sendable, Hashable {
        let level: Logger.Level
        let message: String
    }

    private let content = Mutex<[Line]>([])

    var lines: [Line] { content.withLock { $0 } }

    var logger: Logger { Logger(label: "web-tests") { _ in Handler(log: self) } }

    private struct Handler: LogHandler {
        let log: TestLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.debug

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            log.content.withLock { $0.append(Line(level: event.level, message: "\(event.message)")) }
        }
    }
}
