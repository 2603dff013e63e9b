import Exchange
import Foundation
import GRDB
import Testing

@testable import Registry

@Suite struct SchemaTests {
    /// One sender with every kind of row, to break rules against.
    private func filled() throws -> (Fixture, DatabaseQueue) {
        let fixture = try Fixture()
        let number = try fixture.sender(1)
        try fixture.sender(2)
        try fixture.registry.addChannel(
            NewChannel(kind: .sftp, certificates: [certificate(1)], keys: [key(1)], applications: ["dmfa"]),
            to: number)
        try fixture.registry.addChannel(NewChannel(kind: .web, applications: ["dmfa"]), to: number)
        let gone = try fixture.sender(3)
        try fixture.registry.remove(gone)
        return (fixture, try DatabaseQueue(path: fixture.path))
    }

    private static func sender(
        number: String = "'000009'", user: String = "'EXPnine'", name: String = "'Nine'",
        enterprise: String = "'0401234560'", nsso: String = "'123456749'", language: String = "'nl'"
    ) -> String {
        """
        INSERT INTO sender (number, user, name, enterprise, nsso, registeredAt, contactLanguage)
        VALUES (\(number), \(user), \(name), \(enterprise), \(nsso), 0, \(language))
        """
    }

    private static let certificateValues = "x'00', 's', 'i', 'o', NULL, '1', '1', 0, 1, 'EC', 256"
    private static let f64 = "'" + String(repeating: "a", count: 64) + "'"

    private static func authority(
        _ fingerprint: String = f64, isAuthority: Int = 1, source: String = "'file', NULL, NULL"
    ) -> String {
        "INSERT INTO authority SELECT \(fingerprint), \(certificateValues), \(isAuthority), 0, \(source), 0"
    }

    private static func status(_ values: String) -> String {
        authority() + "; INSERT INTO certificateStatus VALUES (\(f64), \(values))"
    }

    private static let hash = "'$y$jAT$" + String(repeating: "a", count: 60) + "'"

    @Test func `the plain insert that the refused ones vary is taken`() throws {
        let (_, queue) = try filled()
        try queue.write { try $0.execute(sql: Self.sender()) }
        try queue.write {
            try $0.execute(
                sql: Self.sender(number: "'000010'", user: "'EXP_'", nsso: "NULL", language: "NULL"))
        }
        try queue.write {
            try $0.execute(sql: "INSERT INTO channel VALUES ('000001', 'ftp', \(Self.hash), 0, 0)")
        }
        try queue.write { try $0.execute(sql: Self.status("\(Self.f64), 'A0', 0, 1, 1, 1, 1")) }
    }

    static let refused: [(rule: String, sql: String)] = [
        ("senderNumberIsSixDigits", sender(number: "'00009'")),
        ("senderNumberIsSixDigits", sender(number: "'0000009'")),
        ("senderNumberIsSixDigits", sender(number: "'00000a'")),
        ("senderNumberIsSixDigits", sender(number: "'000000'")),
        ("senderNumberIsSixDigits", sender(number: "'999999'")),
        ("senderNumberIsSixDigits", sender(number: "'000009' || char(0)")),
        ("sender.number", sender(number: "'000001'")),
        ("NOT NULL", sender(number: "NULL")),
        ("userFollowsConvention", sender(user: "'EXP'")),
        ("userFollowsConvention", sender(user: "'expnine'")),
        ("userFollowsConvention", sender(user: "'ACMnine'")),
        ("userFollowsConvention", sender(user: "'EXPni-ne'")),
        ("userFollowsConvention", sender(user: "'EXP123456789012345678901'")),
        ("sender.user", sender(user: "'EXPsender1'")),
        ("nameIsNotEmpty", sender(name: "''")),
        ("NOT NULL", sender(name: "NULL")),
        ("enterpriseHasItsCheckDigits", sender(enterprise: "'0401234561'")),
        ("enterpriseHasItsCheckDigits", sender(enterprise: "'2123456791'")),
        ("enterpriseHasItsCheckDigits", sender(enterprise: "'0000000097'")),
        ("enterpriseHasItsCheckDigits", sender(enterprise: "'401234560'")),
        ("nssoHasItsCheckDigits", sender(nsso: "'123456748'")),
        ("nssoHasItsCheckDigits", sender(nsso: "'200000031'")),
        ("nssoHasItsCheckDigits", sender(nsso: "'1234567-49'")),
        ("languageIsKnown", sender(language: "'it'")),
        ("isBlocked", "UPDATE sender SET isBlocked = 2"),
        ("numberIsNeverGivenAgain", sender(number: "'000003'")),
        ("numberNeverChanges", "UPDATE sender SET number = '000004' WHERE number = '000002'"),
        ("removalLeavesATombstone", "DELETE FROM sender WHERE number = '000001'"),
        ("tombstoneStays", "DELETE FROM retiredNumber"),
        ("tombstoneNeverChanges", "UPDATE retiredNumber SET number = '000008'"),
        ("emailHasItsShape", "INSERT INTO senderEmail VALUES ('000001', 2, 'nobody')"),
        ("emailHasItsShape", "INSERT INTO senderEmail VALUES ('000001', 2, 'a b@c')"),
        ("atMostThreeEmails", "INSERT INTO senderEmail VALUES ('000001', 4, 'a@b')"),
        ("FOREIGN KEY", "INSERT INTO senderEmail VALUES ('000008', 1, 'a@b')"),
        ("channelKindIsKnown", "INSERT INTO channel VALUES ('000001', 'pigeon', NULL, 0, NULL)"),
        ("channel.sender", "INSERT INTO channel VALUES ('000001', 'sftp', NULL, 0, NULL)"),
        ("FOREIGN KEY", "INSERT INTO channel VALUES ('000008', 'ftp', NULL, 0, NULL)"),
        ("onlyFTPHasAPassword", "UPDATE channel SET passwordHash = 'x'"),
        ("passwordHasItsTime", "INSERT INTO channel VALUES ('000001', 'ftp', \(hash), 0, NULL)"),
        ("passwordHasItsTime", "INSERT INTO channel VALUES ('000001', 'ftp', NULL, 0, 0)"),
        ("hashIsSlowCrypt", "INSERT INTO channel VALUES ('000001', 'ftp', 'Correct-Horse-9', 0, 0)"),
        ("hashIsSlowCrypt", "INSERT INTO channel VALUES ('000001', 'ftp', '$1' || \(hash), 0, 0)"),
        ("hashIsSlowCrypt", "INSERT INTO channel VALUES ('000001', 'ftp', \(hash) || ':0:0', 0, 0)"),
        ("hashIsSlowCrypt", "INSERT INTO channel VALUES ('000001', 'ftp', \(hash) || char(10), 0, 0)"),
        ("applicationCodeHasItsShape", "INSERT INTO channelApplication VALUES ('000001', 'web', 'DMFA', 0)"),
        ("applicationCodeHasItsShape", "INSERT INTO channelApplication VALUES ('000001', 'web', '', 0)"),
        ("FOREIGN KEY", "INSERT INTO channelApplication VALUES ('000001', 'ftp', 'dmfa', 0)"),
        (
            "channelApplication.sender, channelApplication.application",
            "UPDATE channelApplication SET isPreferred = 1 WHERE kind = 'web'"
        ),
        (
            "fingerprintIsSHA256",
            "INSERT INTO certificate SELECT 'AB', '000001', \(certificateValues), 0, NULL, NULL"
        ),
        ("datesInOrder", "UPDATE certificate SET notAfter = notBefore - 1"),
        ("NOT NULL", "UPDATE certificate SET der = NULL"),
        ("cannot store", "UPDATE certificate SET keyBits = 'many'"),
        (
            "certificate.fingerprint",
            """
            INSERT INTO certificate SELECT fingerprint, '000002', \(certificateValues), 0, NULL, NULL FROM certificate
            """
        ),
        (
            "FOREIGN KEY",
            """
            INSERT INTO channelCertificate SELECT '000001', 'ftp', fingerprint, NULL, NULL, 0 FROM certificate
            """
        ),
        (
            "FOREIGN KEY",
            """
            INSERT INTO channel VALUES ('000002', 'sftp', NULL, 0, NULL);
            INSERT INTO channelCertificate SELECT '000002', 'sftp', fingerprint, NULL, NULL, 0 FROM certificate
            """
        ),
        ("FOREIGN KEY", "UPDATE certificate SET sender = '000002'"),
        ("validityBeginsBeforeItEnds", "UPDATE channelCertificate SET validFrom = 5, validUntil = 5"),
        ("validityBeginsBeforeItEnds", "UPDATE channelKey SET validFrom = 6, validUntil = 5"),
        (
            "onlySFTPHasKeys",
            """
            INSERT INTO channelKey SELECT sender, 'web', fingerprint, NULL, NULL, 0 FROM sshKey
            """
        ),
        ("keyFingerprintHasItsShape", "UPDATE sshKey SET fingerprint = 'MD5:00'"),
        ("authorityIsOne", authority(isAuthority: 0)),
        ("fingerprintIsSHA256", authority("'xy'")),
        ("statusKindIsKnown", authority(source: "'ldap', 'http://a', 60")),
        ("onlyFilesHaveNoAddress", authority(source: "'file', 'http://a', 60")),
        ("onlyFilesHaveNoAddress", authority(source: "'crl', NULL, 60")),
        ("addressHasItsShape", authority(source: "'crl', 'ftp://a.be/b', 60")),
        ("addressHasItsShape", authority(source: "'ocsp', 'http://a b', 60")),
        ("addressHasItsShape", authority(source: "'ocsp', 'http://a' || char(10), 60")),
        ("whatIsFetchedHasALimit", authority(source: "'crl', 'http://a', NULL")),
        ("limitIsBetweenAMinuteAndAMonth", authority(source: "'crl', 'http://a', 59")),
        ("limitIsBetweenAMinuteAndAMonth", authority(source: "'file', NULL, 2678401")),
        (
            "FOREIGN KEY",
            "INSERT INTO certificateStatus VALUES (\(f64), \(f64), 'A', 0, NULL, NULL, NULL, NULL)"
        ),
        ("fingerprintIsSHA256", status("'xy', 'A', 0, NULL, NULL, NULL, NULL")),
        ("serialIsHexadecimal", status("\(f64), '-1', 0, NULL, NULL, NULL, NULL")),
        ("serialIsHexadecimal", status("\(f64), 'ab', 0, NULL, NULL, NULL, NULL")),
        ("serialIsHexadecimal", status("\(f64), '', 0, NULL, NULL, NULL, NULL")),
        ("statusIsWhole", status("\(f64), 'A', 0, 1, NULL, NULL, NULL")),
        ("statusIsWhole", status("\(f64), 'A', 0, NULL, 1, NULL, NULL")),
        ("updateFollowsUpdate", status("\(f64), 'A', 0, 1, 2, 1, NULL")),
        ("revocationIsAStatus", status("\(f64), 'A', 0, NULL, NULL, NULL, 1")),
        ("warnedBeforeTheEnd", "UPDATE certificate SET warnedDays = 14"),
        ("listNumberIsDecimal", "INSERT INTO revocationList VALUES ('i', \(f64), x'00', '0x1', 0, 1, 0)"),
        ("updateFollowsUpdate", "INSERT INTO revocationList VALUES ('i', \(f64), x'00', '1', 2, 1, 0)"),
    ]

    @Test(arguments: refused.indices)
    func `the schema itself refuses what breaks a rule`(_ index: Int) throws {
        let (_, queue) = try filled()
        let (rule, sql) = Self.refused[index]
        let error = #expect(throws: DatabaseError.self, "\(sql)") {
            try queue.write { try $0.execute(sql: sql) }
        }
        #expect(error?.resultCode == .SQLITE_CONSTRAINT)
        #expect(error?.message?.contains(rule) == true, "\(error?.message ?? "") for \(sql)")
    }

    @Test func `a sender with a tombstone takes all its rows along`() throws {
        let (fixture, queue) = try filled()
        try fixture.registry.remove(number(1))
        for table in [
            "channel", "channelApplication", "certificate", "channelCertificate", "sshKey", "channelKey",
        ] {
            #expect(try queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table)") } == 0)
        }
        #expect(try queue.read { try Row.fetchAll($0, sql: "PRAGMA foreign_key_check") }.isEmpty)
    }

    @Test func `commits are synced, in WAL mode, with foreign keys`() throws {
        let (fixture, _) = try filled()
        let pragmas = try fixture.registry.write { database in
            try ["synchronous", "foreign_keys"].map { try Int.fetchOne(database, sql: "PRAGMA \($0)") }
        }
        #expect(pragmas == [2, 1])
        #expect(try fixture.registry.read { try String.fetchOne($0, sql: "PRAGMA journal_mode") } == "wal")
    }

    @Test func `opening again changes nothing`() throws {
        let (fixture, queue) = try filled()
        let schema = "SELECT sql FROM sqlite_schema ORDER BY name"
        let before = try queue.read { try String?.fetchAll($0, sql: schema) }
        let revision = try fixture.registry.revision()
        for _ in 0..<2 {
            let again = try Registry.open(at: fixture.path)
            #expect(try again.senders() == fixture.registry.senders())
        }
        #expect(try queue.read { try String?.fetchAll($0, sql: schema) } == before)
        #expect(try fixture.registry.revision() == revision)
    }

    @Test func `the names of the migrations are permanent`() throws {
        let (_, queue) = try filled()
        let names = try queue.read {
            try String.fetchAll($0, sql: "SELECT identifier FROM grdb_migrations ORDER BY rowid")
        }
        #expect(names == ["senders", "channels", "credentials", "trust", "passwords", "revocation"])
    }

    @Test func `a file from before passwords keeps its channels and may be given one`() throws {
        let fixture = try Fixture()
        let path = fixture.directory.appendingPathComponent("elder.sqlite").path
        do {
            let pool = try DatabasePool(path: path)
            try RegistrySchema.migrator.migrate(pool, upTo: "trust")
            try pool.write {
                try $0.execute(
                    sql: """
                        PRAGMA application_id = \(Registry.applicationID);
                        \(Self.sender(user: "'EXPnine'"));
                        INSERT INTO channel VALUES ('000009', 'ftp', NULL, 7000);
                        INSERT INTO channel VALUES ('000009', 'web', NULL, 8000)
                        """)
            }
            try pool.close()
        }
        let registry = try Registry.open(at: path)
        let channels = try #require(try registry.sender(number(9))).channels
        #expect(channels.map(\.kind) == [.ftp, .web])
        #expect(channels.allSatisfy { $0.passwordSetAt == nil })
        #expect(try registry.ftpAccounts(at: Fixture.now) == [])
        try registry.setPassword(password(for: "EXPnine"), of: number(9))
        #expect(try registry.ftpAccounts(at: Date()).map(\.user.description) == ["EXPnine"])
    }

    @Test func `a file from before sources keeps its authorities, which have files`() throws {
        let fixture = try Fixture()
        let path = fixture.directory.appendingPathComponent("elder.sqlite").path
        do {
            let pool = try DatabasePool(path: path)
            try RegistrySchema.migrator.migrate(pool, upTo: "passwords")
            try pool.write {
                try $0.execute(
                    sql: """
                        PRAGMA application_id = \(Registry.applicationID);
                        INSERT INTO authority SELECT \(Self.f64), \(Self.certificateValues), 1, 0
                        """)
            }
            try pool.close()
        }
        #expect(try Registry.open(at: path).authorities().map(\.source) == [.files])
    }

    @Test func `a file of a newer version is refused`() throws {
        let (fixture, queue) = try filled()
        try queue.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('of tomorrow')") }
        expectFault(.newerSchema) { _ = try Registry.open(at: fixture.path) }
        expectFault(.newerSchema) { try Registry.check(at: fixture.path) }
    }

    @Test func `a file that is looked at keeps its older schema`() throws {
        let fixture = try Fixture()
        let path = fixture.directory.appendingPathComponent("elder.sqlite").path
        let pool = try DatabasePool(path: path)
        try RegistrySchema.migrator.migrate(pool, upTo: "trust")
        try pool.write { try $0.execute(sql: "PRAGMA application_id = \(Registry.applicationID)") }
        try Registry.check(at: path)
        #expect(try pool.read(RegistrySchema.migrator.completedMigrations).last == "trust")
        _ = try Registry.open(at: path)
        #expect(try pool.read(RegistrySchema.migrator.completedMigrations).last == "revocation")
    }

    @Test func `an existing file is not overwritten and a missing one is not made`() throws {
        let fixture = try Fixture()
        try fixture.sender(1)
        expectFault(.alreadyExists) { _ = try Registry.create(at: fixture.path) }
        #expect(try fixture.registry.senders().count == 1)
        let missing = fixture.directory.appendingPathComponent("missing").path
        expectFault(.notFound) { _ = try Registry.open(at: missing) }
        expectFault(.notFound) { try Registry.check(at: missing) }
        #expect(!FileManager.default.fileExists(atPath: missing))
    }

    @Test func `a file that is no registry is left as it is`() throws {
        let fixture = try Fixture()
        let text = fixture.directory.appendingPathComponent("text")
        try Data("not a database, just a long enough line of text".utf8).write(to: text)
        let database = fixture.directory.appendingPathComponent("ledger.sqlite")
        try DatabaseQueue(path: database.path).write { try $0.execute(sql: "CREATE TABLE ledger (x)") }
        for url in [text, database] {
            let before = try Data(contentsOf: url)
            for look in [Registry.check, { _ = try Registry.open(at: $0) }] as [(String) throws -> Void] {
                let fault = #expect(throws: RegistryFault.self) { try look(url.path) }
                let isUnavailable = if case .unavailable? = fault?.code { true } else { false }
                #expect(isUnavailable, "\(String(describing: fault))")
            }
            #expect(try Data(contentsOf: url) == before)
        }
    }

    @Test func `only the owner can read the file`() throws {
        let fixture = try Fixture()
        let attributes = try FileManager.default.attributesOfItem(atPath: fixture.path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }
}
