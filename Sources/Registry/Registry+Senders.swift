public import Exchange
internal import GRDB

internal import struct Foundation.Date

extension Registry {
    /// Registers a sender without channels. `.numberTaken` also for a number of a removed sender;
    /// `.userTaken`; `.invalid` for an empty name or an address that is none.
    public func register(_ sender: NewSender) throws(RegistryFault) {
        let now = clock()
        try write { database in
            try Self.requireFree(sender, in: database)
            let contact = sender.contact
            try database.execute(
                literal: """
                    INSERT INTO sender (number, user, name, enterprise, nsso, registeredAt, contactLastName,
                        contactFirstName, contactTitle, contactFunction, contactLanguage, contactTelephone)
                    VALUES (\(sender.number.description), \(sender.user.description), \(sender.name),
                        \(sender.enterprise.description), \(sender.nsso?.description), \(now.milliseconds),
                        \(contact?.lastName), \(contact?.firstName), \(contact?.title), \(contact?.function),
                        \(contact?.language?.rawValue), \(contact?.telephone))
                    """)
            for (index, email) in (contact?.emails ?? []).enumerated() {
                try database.execute(
                    literal: """
                        INSERT INTO senderEmail (sender, position, address)
                        VALUES (\(sender.number.description), \(index + 1), \(email))
                        """)
            }
        }
    }

    /// All senders by number, with all they have.
    public func senders() throws(RegistryFault) -> [SenderRecord] {
        try read { try SenderReader(database: $0, number: nil).records() }
    }

    /// One sender with all it has; nil when there is none.
    public func sender(_ number: SenderNumber) throws(RegistryFault) -> SenderRecord? {
        try read { try SenderReader(database: $0, number: number).records().first }
    }

    /// Blocks or unblocks; a blocked sender keeps all it has. `.notFound`.
    public func setBlocked(_ blocked: Bool, _ number: SenderNumber) throws(RegistryFault) {
        try write { database in
            try Self.requireSender(number, in: database)
            try database.execute(
                literal: "UPDATE sender SET isBlocked = \(blocked) WHERE number = \(number.description)")
        }
    }

    /// Removes a sender with all it has. Its user name is free again, its number never. `.notFound`.
    public func remove(_ number: SenderNumber) throws(RegistryFault) {
        let now = clock()
        try write { database in
            try Self.requireSender(number, in: database)
            try database.execute(
                literal: """
                    INSERT INTO retiredNumber (number, removedAt)
                    VALUES (\(number.description), \(now.milliseconds))
                    """)
            try database.execute(literal: "DELETE FROM sender WHERE number = \(number.description)")
        }
    }

    static func requireSender(_ number: SenderNumber, in database: Database) throws {
        let query: SQL = "SELECT 1 FROM sender WHERE number = \(number.description)"
        guard try Row.fetchOne(database, SQLRequest(literal: query)) != nil else {
            throw RegistryFault(.notFound, "There is no sender \(number).")
        }
    }

    private static func requireFree(_ sender: NewSender, in database: Database) throws {
        let number = sender.number.description
        let taken: SQL = """
            SELECT 1 FROM sender WHERE number = \(number)
            UNION ALL SELECT 1 FROM retiredNumber WHERE number = \(number)
            """
        if try Row.fetchOne(database, SQLRequest(literal: taken)) != nil {
            throw RegistryFault(
                .numberTaken, "Number \(number) was given before; a number is never given twice.")
        }
        let user: SQL = "SELECT 1 FROM sender WHERE user = \(sender.user.description)"
        if try Row.fetchOne(database, SQLRequest(literal: user)) != nil {
            throw RegistryFault(.userTaken, "User \(sender.user) belongs to another sender.")
        }
    }
}
