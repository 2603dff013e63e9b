/// Someone else's FTP server (RFC 959, 3659), over TLS (RFC 4217) unless the settings say otherwise in so many words.
public struct FTPFileServer: RemoteServer {
    /// Fixed for the life of a server; defaults are safe.
    public struct Settings: Sendable, Hashable {
        /// What of a session is under TLS.
        public enum Security: Sendable, Hashable {
            /// Commands and data, after `AUTH TLS`. A server without it is not logged in at.
            case explicit(CurlTrust)
            /// Commands and data, from the first byte.
            case implicit(CurlTrust)
            /// Nothing: passwords and files are there to be read, and changed, by everybody on the way. Only for
            /// networks that are protected themselves, and only when an operator has said so.
            case plaintext
        }

        /// Who opens the data connections.
        public enum Mode: Sendable, Hashable {
            /// We, to the address of the control connection, whatever address the server names.
            case passive
            /// The server, to an address or interface of this machine; `-` is that of the control connection. With
            /// TLS only where libcurl is older than 7.87 or 8.0 and newer: those between leave it out.
            case active(address: String)
        }

        /// A name, an IPv4 address or an IPv6 address without brackets.
        public var host: String
        public var port: Int
        public var security: Security
        public var mode = Mode.passive
        /// For everything up to the end of the log-in.
        public var connectTimeout: Duration = .seconds(15)
        /// How long nothing may come from the server, or be taken by it.
        public var stallTimeout: Duration = .seconds(30)
        /// A directory with more entries is `.tooMuch`.
        public var entriesAtMost = 100_000

        public init(host: String, port: Int = 21, security: Security) {
            self.host = host
            self.port = port
            self.security = security
        }
    }

    public let settings: Settings

    public init(_ settings: Settings) {
        self.settings = settings
    }

    public var address: String { Self.address(of: settings.host, settings.port) }

    /// Only a password opens an FTP server; anything else is `.notAdmitted` before it is asked.
    public func connect(
        as logIn: RemoteLogIn, until isAbandoned: @escaping @Sendable () -> Bool
    ) throws(RemoteFault) -> any RemoteFiles {
        guard isHost, (1...65_535).contains(settings.port) else {
            throw RemoteFault(.unreachable, "\(peerWords(address.utf8)) is not an address.")
        }
        guard !sendsInTheClear else {
            throw RemoteFault(
                .notAllowed,
                "This libcurl has no TLS for data connections that the server opens (7.87 to 7.88).")
        }
        guard case .password(let password) = logIn.proof else {
            throw RemoteFault(.notAdmitted, "An FTP server is logged in at with a password only.")
        }
        let words = Array(logIn.user.utf8) + Array(password.revealed.utf8)
        guard !logIn.user.isEmpty, !words.contains(where: { $0 == 0 || $0 == 0x0A || $0 == 0x0D }) else {
            throw RemoteFault(.notAdmitted, "This user or password cannot be said over FTP.")
        }
        let files = try FTPFiles(
            settings, location: location, user: logIn.user, password: password,
            until: isAbandoned)
        try files.logIn()
        return files
    }

    /// Nothing that means something in a URL.
    private var isHost: Bool {
        !settings.host.isEmpty
            && settings.host.unicodeScalars.allSatisfy {
                ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
                    || ".-_:".unicodeScalars.contains($0)
            }
    }

    private var location: String { (settings.isImplicit ? "ftps://" : "ftp://") + address + "/" }

    /// libcurl lost TLS on active data connections from 7.87.0 to 7.88.1 (curl issue 10666), without a word.
    private var sendsInTheClear: Bool {
        guard case .active = settings.mode, settings.security != .plaintext else { return false }
        return (0x075700..<0x080000).contains(CurlEasy.version)
    }
}

extension FTPFileServer.Settings {
    var isImplicit: Bool {
        if case .implicit = security { true } else { false }
    }
}
