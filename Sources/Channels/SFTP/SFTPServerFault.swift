/// Why the SFTP server did not start.
public enum SFTPServerFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// No key file, one that cannot be read, or of a kind that is not taken. The path and the reason.
    case hostKey(path: String, reason: String)
    /// The address cannot be listened on.
    case listening(host: String, port: Int, reason: String)
    /// The library or the system refused something that does not depend on the configuration.
    case system(String)
    /// It was started before; a server is started once.
    case alreadyStarted

    public var description: String {
        switch self {
        case .hostKey(let path, let reason): "host key \(path): \(reason)"
        case .listening(let host, let port, let reason): "cannot listen on \(host) port \(port): \(reason)"
        case .system(let reason): reason
        case .alreadyStarted: "the SFTP server was started before"
        }
    }
}
