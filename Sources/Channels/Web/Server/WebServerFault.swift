/// Why the web service could not begin.
public enum WebServerFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// Certificate chain or key cannot be read or do not belong together.
    case certificate(String)
    /// The address cannot be listened on.
    case address(String)
    /// `start` was called before.
    case alreadyStarted
    /// `run` was called without `start`, or twice.
    case notStarted

    /// One clause for people.
    public var description: String {
        switch self {
        case .certificate(let reason): "web certificate: \(reason)"
        case .address(let reason): "web address: \(reason)"
        case .alreadyStarted: "the web service was started before"
        case .notStarted: "the web service was not started"
        }
    }
}
