internal import CLibCurl

/// One log-in at an FTP server. libcurl connects again by itself when the server has closed the connection between
/// two calls.
final class FTPFiles: RemoteFiles {
    let settings: FTPFileServer.Settings
    private let location: String
    private let user: String
    private let password: Secret
    private let isAbandoned: @Sendable () -> Bool
    /// None after the end.
    private var easy: CurlEasy?
    /// A transfer was refused or ended early. Answers may then still be on their way that libcurl would take for those
    /// to later commands: 7.88 asks for another data connection after a refusal under TLS, reads the refusal as the
    /// answer to that, and keeps the connection.
    private var isSuspect = false
    /// What the server can do, in small letters (RFC 2389); nil before it was asked.
    private var features: Set<String>?
    /// Until the server has shown otherwise.
    var hasMachineListing = false
    var hasReadableListing = true

    /// `location` is the URL of the server with the slash that ends it.
    init(
        _ settings: FTPFileServer.Settings, location: String, user: String, password: Secret,
        until isAbandoned: @escaping @Sendable () -> Bool
    ) throws(RemoteFault) {
        self.settings = settings
        self.location = location
        self.user = user
        self.password = password
        self.isAbandoned = isAbandoned
        easy = try CurlEasy(protocols: settings.isImplicit ? "ftps" : "ftp", until: isAbandoned)
    }

    deinit { close() }

    func close() {
        easy?.hangUp()
        easy = nil
    }

    /// Connects, and learns what the server can do.
    func logIn() throws(RemoteFault) {
        if features == nil {
            let lines = try say(.bare("FEAT")).first.map { $0.code == 211 ? $0.lines : [] } ?? []
            let names = lines.map { line in
                String(decoding: line.lowercased.drop { $0 == 0x20 }.prefix { $0 != 0x20 }, as: UTF8.self)
            }
            features = Set(names)
            hasMachineListing = names.contains("mlst") || names.contains("mlsd")
        }
        if features?.contains("utf8") ?? false { _ = try say(.bare("OPTS UTF8 ON")) }
    }

    /// Logs in again in the place of a connection that nobody can be sure of.
    private func renewSuspect() throws(RemoteFault) {
        guard isSuspect else { return }
        isSuspect = false
        easy?.hangUp()
        easy = try CurlEasy(protocols: settings.isImplicit ? "ftps" : "ftp", until: isAbandoned)
        try logIn()
    }

    /// Says commands one after the other and returns the answer to each, whatever it is.
    func say(_ commands: FTPCommand...) throws(RemoteFault) -> [FTPReply] {
        let replies = try transfer { easy in
            easy.set(CURLOPT_NOBODY, 1)
            // With an asterisk libcurl goes on after a refusal.
            easy.set(CURLOPT_QUOTE, lines: commands.map { [0x2A] + $0.bytes })
        }
        guard replies.count >= commands.count else {
            throw broken(by: RemoteFault(.garbled, "The server does not answer every command."))
        }
        return replies.suffix(commands.count)
    }

    /// What came of a transfer: everything the server answered, and the fault it ended with.
    typealias End = (replies: [FTPReply], fault: RemoteFault?)

    /// One transfer at the root of the log-in, or what `settle` makes of it; returns all that the server answered.
    @discardableResult
    func transfer(
        source: CurlTransfer.Source = { _ in 0 }, sink: CurlTransfer.Sink = { _ in },
        _ settle: (CurlEasy) -> Void
    ) throws(RemoteFault) -> [FTPReply] {
        let end = run(source: source, sink: sink, settle)
        if let fault = end.fault { throw broken(by: fault) }
        return end.replies
    }

    /// The same for those who look at the end themselves, and end the connection after it where they must.
    func run(
        source: CurlTransfer.Source = { _ in 0 }, sink: CurlTransfer.Sink = { _ in },
        _ settle: (CurlEasy) -> Void
    ) -> End {
        do {
            if easy != nil { try renewSuspect() }
        } catch {
            return ([], error)
        }
        guard let easy else { return ([], RemoteFault(.brokenOff, "The connection was closed.")) }
        easy.reset()
        prepare(easy)
        settle(easy)
        var reader = FTPReplyReader()
        do {
            try easy.perform(
                source: source, header: { if !reader.take($0) { throw FTPEnough() } }, sink: sink)
        } catch {
            isSuspect = true
            return (reader.replies, reader.explained(error))
        }
        return (reader.replies, nil)
    }

    /// The directory in which the log-in began.
    var entryDirectory: RemotePath? { easy?.text(CURLINFO_FTP_ENTRY_PATH).flatMap { RemotePath($0) } }

    /// Names a file or a directory for the next transfer. No path of a URL has a meaning of its own here: there is
    /// no `;type=`, no `..` is resolved, and the server is never made to change its directory.
    func aim(_ easy: CurlEasy, at path: RemotePath, isDirectory: Bool) {
        var url = Array(location.utf8) + path.percentEncoded
        if isDirectory, url.last != 0x2F { url.append(0x2F) }
        easy.set(CURLOPT_URL, bytes: url)
    }

    private func prepare(_ easy: CurlEasy) {
        easy.set(CURLOPT_URL, location)
        easy.set(CURLOPT_PATH_AS_IS, 1)
        easy.set(CURLOPT_FTP_FILEMETHOD, Int(CURLFTPMETHOD_NOCWD.rawValue))
        easy.set(CURLOPT_USERNAME, user)
        easy.set(CURLOPT_PASSWORD, password.revealed)
        easy.set(CURLOPT_CONNECTTIMEOUT_MS, settings.connectTimeout)
        easy.set(CURLOPT_ACCEPTTIMEOUT_MS, settings.connectTimeout)
        easy.set(CURLOPT_SERVER_RESPONSE_TIMEOUT, wholeSeconds(settings.stallTimeout))
        easy.set(CURLOPT_LOW_SPEED_TIME, wholeSeconds(settings.stallTimeout))
        easy.set(CURLOPT_LOW_SPEED_LIMIT, FTPFiles.leastSpeed)
        easy.patience = settings.stallTimeout
        // Neither EPSV nor EPRT has an address that could be somebody else's; that of PASV is not looked at.
        easy.set(CURLOPT_FTP_SKIP_PASV_IP, 1)
        if case .active(let address) = settings.mode { easy.set(CURLOPT_FTPPORT, address) }
        switch settings.security {
        case .explicit(let trust), .implicit(let trust):
            easy.set(CURLOPT_USE_SSL, Int(CURLUSESSL_ALL.rawValue))
            easy.set(CURLOPT_FTPSSLAUTH, Int(CURLFTPAUTH_TLS.rawValue))
            easy.trust(trust)
            easy.set(CURLOPT_SSLVERSION, FTPFiles.only12)
        case .plaintext:
            easy.set(CURLOPT_USE_SSL, Int(CURLUSESSL_NONE.rawValue))
        }
    }

    /// Bytes a second; a peer that gives less for as long as `stallTimeout` only keeps us busy.
    private static let leastSpeed = 64

    /// Servers often want to see on the data connection that it is the same client, by a TLS session used again. In TLS
    /// 1.3 a session serves once, and libcurl gets no other during an upload: the transfer after it would be refused.
    private static let only12 = Int(CURL_SSLVERSION_TLSv1_2 | CURL_SSLVERSION_TLSv1_2 << 16)

    private func wholeSeconds(_ time: Duration) -> Int {
        let (seconds, attoseconds) = time.components
        return max(1, Int(clamping: seconds) + (attoseconds > 0 ? 1 : 0))
    }

    /// The same fault, after the connection has been ended when there is nothing left to do with it.
    func broken(by fault: RemoteFault) -> RemoteFault {
        if fault.breaksConnection { close() }
        return fault
    }
}

/// Ends a transfer of which nothing more is wanted.
struct FTPEnough: Error {}

extension FTPReplyReader {
    /// libcurl's word of a fault, made better by what the server said last.
    fileprivate func explained(_ fault: RemoteFault) -> RemoteFault {
        if isTooLong { return RemoteFault(.garbled, "The server does not stop talking.") }
        guard fault.cause == nil, let last = replies.last, last.code >= 400 else { return fault }
        let said = last.fault
        return switch fault.kind {
        case .notAllowed, .noSuchFile, .garbled, .unreachable: said
        // libcurl's word for a server that closes.
        case .timedOut where last.code == 421: said
        case .brokenOff where said.kind == .tooMuch: said
        case .notAdmitted where said.kind == .brokenOff: said
        case .brokenOff, .notAdmitted, .untrusted:
            RemoteFault(fault.kind, "\(fault.sentence) \(said.sentence)")
        default: fault
        }
    }
}
