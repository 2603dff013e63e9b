internal import Channels
internal import Exchange
internal import Foundation
internal import Logging
internal import Pipeline
internal import Registry
internal import Spool
internal import Synchronization

// Other people's servers, as the configuration names them.
extension Instance {
    /// The watched folder, when there is one, and the polled inboxes.
    func inboxes(_ spool: Spool, _ registry: Registry, logger: Logger) throws -> [Inbox] {
        var inboxes: [Inbox] = []
        if let folder = configuration.folder {
            var settings = Inbox.Configuration.folder
            settings.interval = folder.interval
            inboxes.append(
                Inbox(
                    waiting(settings), server: FolderFileServer(root: folder.root),
                    accounts: { registry.activeSenders(on: .folder).map(InboxAccount.init(folderOf:)) },
                    intake: spool, homes: spool, outbox: spool, logger: logger))
        }
        for entry in configuration.inboxes {
            var settings = Inbox.Configuration(name: entry.name, channel: entry.channel)
            settings.interval = entry.interval
            settings.connections = entry.connections
            let accounts = InboxAccounts(entry, registry: registry, logger: logger)
            inboxes.append(
                Inbox(
                    waiting(settings), server: try entry.server.fileServer(), accounts: { accounts.now() },
                    intake: spool, homes: spool, outbox: spool, logger: logger))
        }
        return inboxes
    }

    private func waiting(_ settings: Inbox.Configuration) -> Inbox.Configuration {
        var settings = settings
        settings.earlyTriggerWait = configuration.limits.earlyTriggerWait
        settings.incompleteDelay = configuration.limits.incompleteDelay
        settings.setLimit = UInt64(clamping: configuration.policy.setSize)
        return settings
    }
}

/// The accounts of one inbox at this moment: of the senders it is for, those that are active on its channel.
final class InboxAccounts: Sendable {
    private let entry: InboxEntry
    private let registry: Registry
    private let logger: Logger
    /// What was said last of an account that is left out, so that it is said once.
    private let said = Mutex<[SenderNumber: String]>([:])

    init(_ entry: InboxEntry, registry: Registry, logger: Logger) {
        self.entry = entry
        self.registry = registry
        self.logger = logger
    }

    /// An account whose secret cannot be read is left out, and the log says why.
    func now() -> [InboxAccount] {
        registry.activeSenders(on: entry.channel).filter { entry.senders?.contains($0) ?? true }.compactMap {
            sender in
            do {
                let user = try registry.sender(sender)?.user
                let home = ServerEntry.filled(entry.home, sender, user)
                let logIn = try entry.server.logIn(for: sender, user)
                said.withLock { $0[sender] = nil }
                return InboxAccount(
                    sender: sender, logIn: logIn, home: home == "." ? nil : RemotePath(home))
            } catch {
                note("\(error)", of: sender)
                return nil
            }
        }
    }

    private func note(_ fault: String, of sender: SenderNumber) {
        guard said.withLock({ $0.updateValue(fault, forKey: sender) }) != fault else { return }
        logger.warning(
            "an account is not polled",
            metadata: ["inbox": "\(entry.name)", "sender": "\(sender)", "error": "\(fault)"])
    }
}

extension ServerEntry {
    /// - Throws: when the server is a web service, or a file it needs cannot be read.
    func fileServer() throws -> any RemoteServer {
        switch scheme {
        case .sftp:
            var settings = SFTPFileServer.Settings(
                host: host, hostKeys: knownHosts.map { .knownHosts(path: $0) } ?? .fingerprints(hostKeys))
            settings.port = port
            settings.connectTimeout = .seconds(connectTime)
            settings.stallTimeout = .seconds(stallTime)
            settings.entriesAtMost = listingEntries
            return SFTPFileServer(settings)
        case .ftp, .ftps:
            let security: FTPFileServer.Settings.Security =
                scheme == .ftps ? .implicit(trust) : isPlaintextAllowed ? .plaintext : .explicit(trust)
            var settings = FTPFileServer.Settings(host: host, port: port, security: security)
            if let activeAddress { settings.mode = .active(address: activeAddress) }
            settings.connectTimeout = .seconds(connectTime)
            settings.stallTimeout = .seconds(stallTime)
            settings.entriesAtMost = listingEntries
            return FTPFileServer(settings)
        case .https:
            throw InputFile.Fault(description: "the server \(name) is a web service, not a file server")
        }
    }

    var trust: CurlTrust { CurlTrust(authoritiesFile: authorities, pinnedKey: pinnedKey) }

    /// How a sender's account, or the one account of a destination, logs in. Secrets are read from their files here.
    func logIn(for sender: SenderNumber? = nil, _ user: TechnicalUser? = nil) throws -> RemoteLogIn {
        let filled = { (text: String) in ServerEntry.filled(text, sender, user) }
        let proof: RemoteLogIn.Proof
        if let identityFile {
            proof = .keyFile(
                path: filled(identityFile), passphrase: try passphraseFile.map { try secret(filled($0)) })
        } else if let passwordFile {
            proof = .password(try secret(filled(passwordFile)))
        } else {
            proof = .agent
        }
        return RemoteLogIn(user: filled(self.user ?? ""), proof: proof)
    }

    /// The first line of a file.
    func secret(_ path: String) throws(InputFile.Fault) -> Secret {
        let text = String(decoding: try InputFile.read(path), as: UTF8.self)
        let line = text.split(separator: "\n", omittingEmptySubsequences: false).first.map(String.init) ?? ""
        let secret = line.hasSuffix("\r") ? String(line.dropLast()) : line
        guard !secret.isEmpty else {
            throw InputFile.Fault(description: "\(path) has no text on its first line")
        }
        return Secret(secret)
    }
}
