public import Channels
internal import Foundation

/// Where sets are sent and answers fetched: one address of the command line.
public enum SubmissionTarget: Sendable, Hashable, CustomStringConvertible {
    case sftp(Account)
    case ftp(Account, FTPProtection)
    /// The address of the web service without a slash at its end, such as `https://host:8443/base`.
    case web(String)
    /// A directory that holds IN, OUT and their siblings.
    case folder(String)

    /// How an FTP connection is protected.
    public enum FTPProtection: Sendable, Hashable {
        /// TLS from the first byte (`ftps://`).
        case implicit
        /// TLS by AUTH before the log-in (`ftp://`); no TLS, no log-in.
        case explicit
        /// None: user, password and files can be read by anybody on the way.
        case none
    }

    /// Who logs in where.
    public struct Account: Sendable, Hashable {
        public let user: String
        /// A name or an address, without the brackets of IPv6.
        public let host: String
        public let port: Int
        /// The directory that holds IN, OUT and their siblings; nil for where the log-in begins.
        public let home: RemotePath?

        public init(user: String, host: String, port: Int, home: RemotePath?) {
            self.user = user
            self.host = host
            self.port = port
            self.home = home
        }

        /// `host:port` as shown to people.
        public var address: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
    }

    /// What is wrong with an address, in one English sentence without any secret.
    public struct Fault: Error, Sendable, Hashable, CustomStringConvertible {
        public let description: String
    }

    /// Reads `sftp://USER@host[:port][/path]`, `ftps://…`, `ftp://…`, `https://host[:port][/base]`, `folder:/path`, or
    /// the path of a directory. User and path may be percent-encoded. A path is relative to where the log-in begins;
    /// with two slashes it begins at the server's root.
    ///
    /// - Parameter isPlaintextAllowed: takes `ftp://` without TLS.
    public init(_ text: String, isPlaintextAllowed: Bool = false) throws(Fault) {
        guard let colon = text.range(of: "://") else {
            self = .folder(try SubmissionTarget.directory(text))
            return
        }
        let rest = text[colon.upperBound...]
        switch text[..<colon.lowerBound].lowercased() {
        case "sftp": self = .sftp(try AddressReading(rest).account(defaultPort: 22))
        case "ftps": self = .ftp(try AddressReading(rest).account(defaultPort: 990), .implicit)
        case "ftp":
            let account = try AddressReading(rest).account(defaultPort: 21)
            self = .ftp(account, isPlaintextAllowed ? .none : .explicit)
        case "https": self = .web("https://" + (try AddressReading(rest).base()))
        case "folder": self = .folder(try SubmissionTarget.directory(String(rest)))
        case "http": throw Fault(description: "The web service is spoken to over https:// only.")
        case let scheme:
            throw Fault(
                description:
                    "'\(Shown.text(scheme, limit: 20))' is none of sftp, ftps, ftp, https and folder.")
        }
    }

    private static func directory(_ text: String) throws(Fault) -> String {
        let path = text.hasPrefix("folder:") ? String(text.dropFirst("folder:".count)) : text
        guard !path.isEmpty, !path.contains("\0") else {
            throw Fault(
                description:
                    "Give a target: sftp://USER@HOST:PORT, ftps://…, ftp://…, https://…, or a directory.")
        }
        return path
    }

    /// As shown to people: without path and query.
    public var description: String {
        switch self {
        case .sftp(let account): "sftp://\(account.user)@\(account.address)"
        case .ftp(let account, .implicit): "ftps://\(account.user)@\(account.address)"
        case .ftp(let account, _): "ftp://\(account.user)@\(account.address)"
        case .web(let base): base
        case .folder(let path): path
        }
    }
}
