internal import Logging
internal import Synchronization

/// Logs what is tried again and again once for every change of its fault, and once when it succeeds again.
final class FaultLog: Sendable {
    private let logger: Logger
    private let message: String
    private let last = Mutex<[String: String]>([:])

    init(_ message: String, _ logger: Logger) {
        self.message = message
        self.logger = logger
    }

    /// - Parameter fault: nil when it succeeded.
    func note(_ fault: (any Error)?, of subject: String) {
        let text = fault.map { "\($0)" }
        let before = last.withLock { last in
            defer { last[subject] = text }
            return last[subject]
        }
        guard before != text else { return }
        if let text {
            logger.error("\(message)", metadata: ["subject": "\(subject)", "fault": "\(text)"])
        } else {
            logger.notice("\(message): over", metadata: ["subject": "\(subject)"])
        }
    }
}
