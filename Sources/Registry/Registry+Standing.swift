public import Exchange
internal import GRDB

public import struct Foundation.Date

extension Registry {
    /// What a sender may do at `time`; nil when it is not registered. Cheap: kept until the next change.
    public func standing(
        of number: SenderNumber, at time: Date
    ) throws(RegistryFault) -> SenderStanding? {
        try currentSender(number).map { SenderStanding($0, at: time) }
    }
}

/// Log-ins.
extension Registry: SenderDirectory {
    public func admit(user: String, key: SSHPublicKey) throws(DirectoryFault) -> Admission? {
        try asDirectory { () throws(RegistryFault) -> Admission? in
            guard let user = TechnicalUser(user), let number = try number(of: user),
                let record = try currentSender(number), record.admits(user, key: key, at: clock())
            else { return nil }
            return Admission(sender: number, user: user, channel: .sftp, key: key)
        }
    }

    public func stillStands(_ admission: Admission) throws(DirectoryFault) -> Bool {
        guard admission.channel == .sftp else { return false }
        return try asDirectory { () throws(RegistryFault) -> Bool in
            try currentSender(admission.sender)?.admits(admission.user, key: admission.key, at: clock())
                ?? false
        }
    }

    /// What is registered, or that it cannot be read.
    func asDirectory<Answer>(_ look: () throws(RegistryFault) -> Answer) throws(DirectoryFault) -> Answer {
        do throws(RegistryFault) {
            return try look()
        } catch {
            throw DirectoryFault(error.sentence)
        }
    }

    /// Sorted by number; empty when the registry cannot be read.
    public func activeSenders(on channel: ChannelKind) -> [SenderNumber] {
        let query: SQL = """
            SELECT sender FROM channel JOIN sender ON sender.number = channel.sender
            WHERE kind = \(channel.rawValue) AND NOT isBlocked ORDER BY sender
            """
        let numbers = try? read { try String.fetchAll($0, SQLRequest(literal: query)) }
        return (numbers ?? []).compactMap { SenderNumber($0) }
    }

    private func number(of user: TechnicalUser) throws(RegistryFault) -> SenderNumber? {
        try read { database in
            let statement = try database.cachedStatement(sql: "SELECT number FROM sender WHERE user = ?")
            return try String.fetchOne(statement, arguments: [user.description]).flatMap { SenderNumber($0) }
        }
    }
}

extension SenderRecord {
    /// Whether `user` is this sender's, active, with an SFTP channel that holds this very key at `time`.
    func admits(_ user: TechnicalUser, key: SSHPublicKey, at time: Date) -> Bool {
        guard self.user == user, !isBlocked, let channel = channels.first(where: { $0.kind == .sftp }) else {
            return false
        }
        let fingerprint = key.fingerprint
        return channel.keys.contains { $0.fingerprint == fingerprint && $0.stands(at: time) }
    }
}
