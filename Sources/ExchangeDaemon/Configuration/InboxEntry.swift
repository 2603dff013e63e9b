internal import Exchange
internal import Foundation

/// An inbox: whose sets are fetched from which server.
struct InboxEntry {
    let name: String
    let server: ServerEntry
    /// `.ftp` or `.sftp`: the channel its senders are registered for, and sign on.
    let channel: ChannelKind
    /// Where a sender's six directories lie, with placeholders.
    let home: String
    /// Nil: every active sender of the channel.
    let senders: Set<SenderNumber>?
    let connections: Int
    /// Seconds between two looks at one account.
    let interval: TimeInterval

    init(_ name: String, _ keys: StrictMapping, servers: [String: ServerEntry]) throws(ConfigurationFault) {
        self.name = name
        let known = Set("abcdefghijklmnopqrstuvwxyz0123456789-")
        guard (1...64).contains(name.utf8.count), name != "folder", name.allSatisfy(known.contains) else {
            throw keys.fault("server", "the name of an inbox is 1 to 64 of a-z, 0-9 and -, and not 'folder'")
        }
        guard let server = try servers[keys.string("server") ?? name], server.scheme != .https else {
            throw keys.fault("server", "the name of a file server in the section servers is wanted")
        }
        self.server = server
        channel =
            try keys.choice("channel", ["ftp": .ftp, "sftp": .sftp])
            ?? (server.scheme == .sftp ? .sftp : .ftp)
        home = try keys.string("home") ?? "."
        if let stray = ServerEntry.strayPlaceholder(in: home) {
            throw keys.fault("home", "{sender} and {user} are known here, not '\(stray)'")
        }
        senders = try InboxEntry.senders(keys)
        connections = try keys.integer("connections", in: 1...256) ?? 4
        interval = try keys.duration("interval", in: 0.01...86_400) ?? 10
        try keys.close()
        if channel == .sftp && senders == nil {
            throw keys.fault(
                "senders", "a list is wanted: other senders of the SFTP channel use our own server")
        }
        guard senders?.count == 1 || isOfEachSender else {
            throw keys.fault(
                "home",
                "several senders in one directory of one account cannot be told apart: {sender} or {user} is wanted "
                    + "here or in the user of the server, or one sender in senders")
        }
    }

    /// Directory or account are those of one sender.
    private var isOfEachSender: Bool {
        [home, server.user, server.identityFile].contains { $0?.contains("{") == true }
    }

    /// Whether both look into the same directory of the same account, which is that of one sender then.
    func coincides(with other: InboxEntry) -> Bool {
        !isOfEachSender
            && (server.scheme, server.host, server.port)
                == (other.server.scheme, other.server.host, other.server.port)
            && (server.path, server.user, server.identityFile, home)
                == (other.server.path, other.server.user, other.server.identityFile, other.home)
    }

    /// Whether both would fetch the sets of some sender.
    func shares(with other: InboxEntry) -> Bool {
        guard channel == other.channel else { return false }
        guard let senders, let others = other.senders else { return true }
        return !senders.isDisjoint(with: others)
    }

    private static func senders(_ keys: StrictMapping) throws(ConfigurationFault) -> Set<SenderNumber>? {
        guard let texts = try keys.strings("senders") else { return nil }
        var numbers: Set<SenderNumber> = []
        for text in texts {
            guard let number = SenderNumber(text) else {
                throw keys.fault("senders", "'\(text)' is not a sender number of six digits in quotes")
            }
            numbers.insert(number)
        }
        return numbers
    }
}
