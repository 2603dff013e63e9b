internal import Exchange
internal import Foundation

/// A file server or web service of somebody else, as the section `servers` names it for inboxes and destinations.
struct ServerEntry {
    enum Scheme: String {
        case sftp
        /// Explicit TLS, or none where plaintext is allowed.
        case ftp
        /// Implicit TLS.
        case ftps
        case https
    }

    let name: String
    let scheme: Scheme
    let host: String
    let port: Int
    /// What follows host and port, without a slash at its end.
    let path: String
    /// `{sender}` and `{user}` in it, and in the paths of the secrets, are replaced for each account.
    var user: String?
    var passwordFile: String?
    var identityFile: String?
    var passphraseFile: String?
    var tokenFile: String?
    /// Of a client certificate for HTTPS.
    var certificateFile: String?
    var keyFile: String?
    /// `SHA256:…`.
    var hostKeys: [String] = []
    var knownHosts: String?
    /// PEM, instead of the system's authorities.
    var authorities: String?
    /// `sha256//…` of a public key; with `authorities` besides them, without instead of any authority.
    var pinnedKey: String?
    var isPlaintextAllowed = false
    /// The address our side offers for active FTP; nil: passive.
    var activeAddress: String?
    /// Seconds.
    var connectTime: TimeInterval = 15
    var stallTime: TimeInterval = 30
    var listingEntries = 100_000
    /// What must be readable, without what differs from account to account.
    private(set) var files: [StrictMapping.NamedFile] = []

    init(_ name: String, _ keys: StrictMapping, resolved: (String) -> String) throws(ConfigurationFault) {
        self.name = name
        guard let text = try keys.string("url"), let url = URLComponents(string: text),
            let scheme = Scheme(rawValue: url.scheme ?? ""), let host = url.host, !host.isEmpty,
            url.user == nil, url.password == nil, url.query == nil, url.fragment == nil
        else {
            throw keys.fault(
                "url",
                "sftp://HOST, ftp://HOST, ftps://HOST or https://HOST is wanted, without user or password")
        }
        self.scheme = scheme
        self.host = host.trimmingCharacters(in: ["[", "]"])
        port = url.port ?? ServerEntry.usualPort(scheme)
        path = url.path.hasSuffix("/") ? String(url.path.dropLast()) : url.path
        user = try keys.string("user")
        passwordFile = try keys.string("password").map(resolved)
        identityFile = try keys.string("identity").map(resolved)
        passphraseFile = try keys.string("passphrase").map(resolved)
        tokenFile = try keys.string("token").map(resolved)
        certificateFile = try keys.string("certificate").map(resolved)
        keyFile = try keys.string("key").map(resolved)
        hostKeys = try keys.strings("hostKeys") ?? []
        knownHosts = try keys.string("knownHosts").map(resolved)
        authorities = try keys.string("authorities").map(resolved)
        pinnedKey = try keys.string("pinnedKey")
        isPlaintextAllowed =
            try keys.choice("plaintext", ["refused": false, "allowed": true]) ?? isPlaintextAllowed
        activeAddress = try keys.string("active")
        connectTime = try keys.duration("connectTime", in: 0.1...600) ?? connectTime
        stallTime = try keys.duration("stallTime", in: 0.1...3600) ?? stallTime
        listingEntries = try keys.integer("listingEntries", in: 1...10_000_000) ?? listingEntries
        try keys.close()
        try judge(keys)
    }

    private static func usualPort(_ scheme: Scheme) -> Int {
        switch scheme {
        case .sftp: 22
        case .ftp: 21
        case .ftps: 990
        case .https: 443
        }
    }

    /// What each kind of server has a use for.
    private static let uses: [Scheme: Set<String>] = {
        let all: Set = ["url", "connectTime", "stallTime", "plaintext"]
        let files = all.union(["user", "password", "listingEntries"])
        let tls: Set = ["authorities", "pinnedKey"]
        return [
            .sftp: files.union(["identity", "passphrase", "hostKeys", "knownHosts"]),
            .ftp: files.union(tls).union(["active"]), .ftps: files.union(tls).union(["active"]),
            .https: all.union(tls).union(["token", "certificate", "key", "passphrase"]),
        ]
    }()

    /// Refuses what cannot work, or would work without the protection its writer thinks it has.
    private mutating func judge(_ keys: StrictMapping) throws(ConfigurationFault) {
        if let stray = keys.keys.first(where: { ServerEntry.uses[scheme]?.contains($0) == false }) {
            throw keys.fault(stray, "a server at \(scheme.rawValue):// has no use for it")
        }
        if scheme != .https && !path.isEmpty {
            throw keys.fault("url", "the place at a file server is named where the server is used, not here")
        }
        if scheme == .sftp && hostKeys.isEmpty && knownHosts == nil {
            throw keys.fault("url", "an SFTP server needs its host keys pinned: hostKeys or knownHosts")
        }
        if !hostKeys.isEmpty && knownHosts != nil {
            throw keys.fault("knownHosts", "the host keys are pinned by hostKeys already")
        }
        if let stray = hostKeys.first(where: { !$0.hasPrefix("SHA256:") || $0.utf8.count != 50 }) {
            throw keys.fault("hostKeys", "SHA256:… as ssh-keygen -l prints it is wanted, not '\(stray)'")
        }
        if scheme != .https && user == nil { throw keys.fault("url", "a user is wanted") }
        if isPlaintextAllowed && scheme != .ftp {
            throw keys.fault("plaintext", "only an ftp:// server can be reached without TLS")
        }
        if (scheme == .ftp || scheme == .ftps) && passwordFile == nil {
            throw keys.fault("url", "an FTP server needs a password file")
        }
        if let pinnedKey, !pinnedKey.hasPrefix("sha256//") {
            throw keys.fault("pinnedKey", "sha256//BASE64 is wanted")
        }
        if (certificateFile == nil) != (keyFile == nil) {
            throw keys.fault(
                certificateFile == nil ? "key" : "certificate", "certificate and key go together")
        }
        if let activeAddress, !Configuration.isAddress(activeAddress) {
            throw keys.fault(
                "active", "an address is wanted, not '\(activeAddress)'; for passive mode leave the key out")
        }
        for (key, text) in [
            ("user", user), ("password", passwordFile), ("identity", identityFile),
            ("passphrase", passphraseFile),
        ] {
            if let stray = text.flatMap(ServerEntry.strayPlaceholder) {
                throw keys.fault(key, "{sender} and {user} are known here, not '\(stray)'")
            }
        }
        noteFiles(keys)
    }

    /// Those of every account are read when it is its turn.
    private mutating func noteFiles(_ keys: StrictMapping) {
        files = [
            ("password", passwordFile), ("identity", identityFile), ("passphrase", passphraseFile),
            ("token", tokenFile), ("certificate", certificateFile), ("key", keyFile),
            ("knownHosts", knownHosts), ("authorities", authorities),
        ].compactMap { key, path in
            path.flatMap { $0.contains("{") ? nil : keys.file(key, at: $0) }
        }
    }

    /// The first `{…}` that stands for nothing.
    static func strayPlaceholder(in text: String) -> String? {
        text.matches(of: /\{[^}]*\}?/).map { String($0.output) }.first {
            !["{sender}", "{user}"].contains($0)
        }
    }

    /// Puts an account into a text with placeholders.
    static func filled(_ text: String, _ sender: SenderNumber?, _ user: TechnicalUser?) -> String {
        text.replacing("{sender}", with: sender?.description ?? "{sender}")
            .replacing("{user}", with: user?.description ?? "{user}")
    }
}
