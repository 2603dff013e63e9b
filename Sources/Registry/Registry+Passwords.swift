public import Exchange
internal import GRDB

public import struct Foundation.Date
public import typealias Foundation.TimeInterval

extension Registry {
    /// Gives the channel `ftp` of a sender another password; the old one counts no more from now on, at a server from
    /// its next account file on. Takes a noticeable time. `.notFound`, `.channelMissing`, `.invalid` when the password
    /// was made for another user.
    public func setPassword(_ password: FTPPassword, of number: SenderNumber) throws(RegistryFault) {
        let now = clock()
        let hash = try PasswordHash(of: password)
        try write { database in
            try Self.requireChannel(.ftp, of: number, in: database)
            try Self.store(hash, of: password, for: number, at: now, in: database)
        }
    }

    /// Who may log in with a password at `time`: the senders that are not blocked, with a channel `ftp` and a password
    /// that was given less than `life` seconds ago. By number.
    public func ftpAccounts(
        at time: Date, passwordsLiving life: TimeInterval = FTPPassword.life
    ) throws(RegistryFault) -> [FTPAccount] {
        let eldest = time.addingTimeInterval(-life).milliseconds
        return try read { database in
            let query: SQL = """
                SELECT sender, user, passwordHash, passwordSetAt
                FROM channel JOIN sender ON sender.number = channel.sender
                WHERE kind = 'ftp' AND passwordSetAt > \(eldest) AND NOT isBlocked ORDER BY sender
                """
            return try Row.fetchAll(database, SQLRequest(literal: query)).map { try FTPAccount(row: $0) }
        }
    }

    static func store(
        _ hash: PasswordHash, of password: FTPPassword, for number: SenderNumber, at time: Date,
        in database: Database
    ) throws {
        let user = try String.fetchOne(
            database, sql: "SELECT user FROM sender WHERE number = ?", arguments: [number.description])
        guard user == password.user.description else {
            throw RegistryFault(.invalid, "The password was made for user \(password.user), who is another.")
        }
        try database.execute(
            literal: """
                UPDATE channel SET passwordHash = \(hash.crypt), passwordSetAt = \(time.milliseconds)
                WHERE sender = \(number.description) AND kind = 'ftp'
                """)
    }
}

extension FTPAccount {
    fileprivate init(row: Row) throws {
        guard let sender = SenderNumber(try row.decode(String.self, forColumn: "sender")),
            let user = TechnicalUser(try row.decode(String.self, forColumn: "user")),
            let hash = PasswordHash(stored: try row.decode(forColumn: "passwordHash"))
        else { throw RegistryFault.unavailable("a stored password is damaged") }
        self.init(
            sender: sender, user: user, hash: hash,
            setAt: Date(milliseconds: try row.decode(forColumn: "passwordSetAt")))
    }
}
