internal import GRDB

/// The tables and their rules. Migrations are only ever appended; their names are permanent.
///
/// Times are milliseconds since 1970. Numbers and fingerprints are text of a checked shape; lengths are taken
/// in bytes, so that an embedded NUL cannot hide anything.
enum RegistrySchema {
    static func migrate(_ pool: DatabasePool) throws {
        try requireKnown(in: pool)
        let migrator = migrator
        if try pool.read(migrator.hasCompletedMigrations) { return }
        do {
            try migrator.migrate(pool)
        } catch {
            // Another process may have migrated the same file at the same moment.
            guard try pool.read(migrator.hasCompletedMigrations) else { throw error }
        }
    }

    /// - Throws: `.newerSchema` when migrations were made that this program does not know.
    static func requireKnown(in reader: some DatabaseReader) throws {
        if try reader.read(migrator.hasBeenSuperseded) {
            throw RegistryFault(.newerSchema, "The registry was written by a newer version of this program.")
        }
    }

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("senders") { try $0.execute(sql: senders) }
        migrator.registerMigration("channels") { try $0.execute(sql: channels) }
        migrator.registerMigration("credentials") { try $0.execute(sql: credentials) }
        migrator.registerMigration("trust") { try $0.execute(sql: trust) }
        migrator.registerMigration("passwords") { try $0.execute(sql: passwords) }
        migrator.registerMigration("revocation") { try $0.execute(sql: revocation) }
        return migrator
    }

    /// Check digits as in domain 5.5. A number once given keeps a row in `retiredNumber` for ever.
    private static let senders = """
        CREATE TABLE retiredNumber (
            number TEXT NOT NULL PRIMARY KEY,
            removedAt INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE sender (
            number TEXT NOT NULL PRIMARY KEY
                CONSTRAINT senderNumberIsSixDigits CHECK (
                    length(CAST(number AS BLOB)) = 6 AND number NOT GLOB '*[^0-9]*'
                    AND number NOT IN ('000000', '999999')),
            user TEXT NOT NULL UNIQUE
                CONSTRAINT userFollowsConvention CHECK (
                    length(CAST(user AS BLOB)) BETWEEN 4 AND 23 AND user GLOB 'EXP*'
                    AND user NOT GLOB '*[^A-Za-z0-9_]*'),
            name TEXT NOT NULL
                CONSTRAINT nameIsNotEmpty CHECK (length(CAST(name AS BLOB)) BETWEEN 1 AND 400),
            enterprise TEXT NOT NULL
                CONSTRAINT enterpriseHasItsCheckDigits CHECK (
                    length(CAST(enterprise AS BLOB)) = 10 AND enterprise NOT GLOB '*[^0-9]*'
                    AND substr(enterprise, 1, 1) IN ('0', '1')
                    AND CAST(substr(enterprise, 1, 8) AS INTEGER) > 0
                    AND CAST(substr(enterprise, 9) AS INTEGER)
                        = 97 - CAST(substr(enterprise, 1, 8) AS INTEGER) % 97),
            nsso TEXT
                CONSTRAINT nssoHasItsCheckDigits CHECK (
                    nsso IS NULL OR (length(CAST(nsso AS BLOB)) = 9 AND nsso NOT GLOB '*[^0-9]*'
                    AND CAST(nsso AS INTEGER) BETWEEN 100006 AND 199999934
                    AND CAST(nsso AS INTEGER) % 97 = 96)),
            isBlocked INTEGER NOT NULL DEFAULT 0 CHECK (isBlocked IN (0, 1)),
            registeredAt INTEGER NOT NULL,
            contactLastName TEXT,
            contactFirstName TEXT,
            contactTitle TEXT,
            contactFunction TEXT,
            contactLanguage TEXT
                CONSTRAINT languageIsKnown CHECK (contactLanguage IN ('fr', 'nl', 'de', 'en')),
            contactTelephone TEXT
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE senderEmail (
            sender TEXT NOT NULL REFERENCES sender (number) ON DELETE CASCADE,
            position INTEGER NOT NULL
                CONSTRAINT atMostThreeEmails CHECK (position BETWEEN 1 AND 3),
            address TEXT NOT NULL
                CONSTRAINT emailHasItsShape CHECK (
                    length(CAST(address AS BLOB)) BETWEEN 3 AND 254 AND address GLOB '?*@?*'
                    AND address NOT GLOB '* *'),
            PRIMARY KEY (sender, position)
        ) STRICT, WITHOUT ROWID;

        CREATE TRIGGER numberIsNeverGivenAgain BEFORE INSERT ON sender
        WHEN EXISTS (SELECT 1 FROM retiredNumber WHERE number = NEW.number)
        BEGIN SELECT RAISE(ABORT, 'numberIsNeverGivenAgain'); END;

        CREATE TRIGGER numberNeverChanges BEFORE UPDATE OF number ON sender
        BEGIN SELECT RAISE(ABORT, 'numberNeverChanges'); END;

        CREATE TRIGGER removalLeavesATombstone BEFORE DELETE ON sender
        WHEN NOT EXISTS (SELECT 1 FROM retiredNumber WHERE number = OLD.number)
        BEGIN SELECT RAISE(ABORT, 'removalLeavesATombstone'); END;

        CREATE TRIGGER tombstoneStays BEFORE DELETE ON retiredNumber
        BEGIN SELECT RAISE(ABORT, 'tombstoneStays'); END;

        CREATE TRIGGER tombstoneNeverChanges BEFORE UPDATE ON retiredNumber
        BEGIN SELECT RAISE(ABORT, 'tombstoneNeverChanges'); END;
        """

    private static let channels = """
        CREATE TABLE channel (
            sender TEXT NOT NULL REFERENCES sender (number) ON DELETE CASCADE,
            kind TEXT NOT NULL
                CONSTRAINT channelKindIsKnown CHECK (kind IN ('sftp', 'ftp', 'web', 'folder')),
            passwordHash TEXT
                CONSTRAINT onlyFTPHasAPassword CHECK (passwordHash IS NULL OR kind = 'ftp'),
            registeredAt INTEGER NOT NULL,
            PRIMARY KEY (sender, kind)
        ) STRICT, WITHOUT ROWID;

        CREATE INDEX channelByKind ON channel (kind, sender);

        CREATE TABLE channelApplication (
            sender TEXT NOT NULL,
            kind TEXT NOT NULL,
            application TEXT NOT NULL
                CONSTRAINT applicationCodeHasItsShape CHECK (
                    length(CAST(application AS BLOB)) BETWEEN 1 AND 40 AND application NOT GLOB '*[^a-z0-9-]*'),
            isPreferred INTEGER NOT NULL CHECK (isPreferred IN (0, 1)),
            PRIMARY KEY (sender, kind, application),
            FOREIGN KEY (sender, kind) REFERENCES channel (sender, kind) ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID;

        CREATE UNIQUE INDEX onePreferredChannel ON channelApplication (sender, application)
        WHERE isPreferred = 1;
        """

    /// A certificate belongs to one sender, a key to each sender that registered it; a channel holds some of
    /// its sender's. Revocation stands with the certificate or key, so that no other channel takes it back.
    private static let credentials = """
        CREATE TABLE certificate (
            fingerprint TEXT NOT NULL PRIMARY KEY
                CONSTRAINT fingerprintIsSHA256 CHECK (
                    length(CAST(fingerprint AS BLOB)) = 64 AND fingerprint NOT GLOB '*[^0-9a-f]*'),
            sender TEXT NOT NULL REFERENCES sender (number) ON DELETE CASCADE,
            \(certificateColumns)
            revokedAt INTEGER,
            UNIQUE (sender, fingerprint)
        ) STRICT;

        CREATE TABLE channelCertificate (
            sender TEXT NOT NULL,
            kind TEXT NOT NULL,
            fingerprint TEXT NOT NULL,
            validFrom INTEGER,
            validUntil INTEGER,
            registeredAt INTEGER NOT NULL,
            PRIMARY KEY (sender, kind, fingerprint),
            FOREIGN KEY (sender, kind) REFERENCES channel (sender, kind) ON DELETE CASCADE,
            FOREIGN KEY (sender, fingerprint) REFERENCES certificate (sender, fingerprint) ON DELETE CASCADE,
            CONSTRAINT validityBeginsBeforeItEnds CHECK (validFrom < validUntil)
        ) STRICT, WITHOUT ROWID;

        CREATE INDEX channelByCertificate ON channelCertificate (sender, fingerprint);

        CREATE TABLE sshKey (
            sender TEXT NOT NULL REFERENCES sender (number) ON DELETE CASCADE,
            fingerprint TEXT NOT NULL
                CONSTRAINT keyFingerprintHasItsShape CHECK (
                    length(CAST(fingerprint AS BLOB)) = 50 AND fingerprint GLOB 'SHA256:*'),
            algorithm TEXT NOT NULL,
            bits INTEGER NOT NULL CHECK (bits > 0),
            blob BLOB NOT NULL CHECK (length(blob) > 0),
            revokedAt INTEGER,
            PRIMARY KEY (sender, fingerprint)
        ) STRICT;

        CREATE TABLE channelKey (
            sender TEXT NOT NULL,
            kind TEXT NOT NULL
                CONSTRAINT onlySFTPHasKeys CHECK (kind = 'sftp'),
            fingerprint TEXT NOT NULL,
            validFrom INTEGER,
            validUntil INTEGER,
            registeredAt INTEGER NOT NULL,
            PRIMARY KEY (sender, kind, fingerprint),
            FOREIGN KEY (sender, kind) REFERENCES channel (sender, kind) ON DELETE CASCADE,
            FOREIGN KEY (sender, fingerprint) REFERENCES sshKey (sender, fingerprint) ON DELETE CASCADE,
            CONSTRAINT validityBeginsBeforeItEnds CHECK (validFrom < validUntil)
        ) STRICT, WITHOUT ROWID;

        CREATE INDEX channelByKey ON channelKey (sender, fingerprint);
        """

    private static let trust = """
        CREATE TABLE authority (
            fingerprint TEXT NOT NULL PRIMARY KEY
                CONSTRAINT fingerprintIsSHA256 CHECK (
                    length(CAST(fingerprint AS BLOB)) = 64 AND fingerprint NOT GLOB '*[^0-9a-f]*'),
            \(certificateColumns)
            addedAt INTEGER NOT NULL,
            CONSTRAINT authorityIsOne CHECK (isAuthority = 1)
        ) STRICT;

        CREATE TABLE revocationList (
            issuer TEXT NOT NULL PRIMARY KEY CHECK (length(CAST(issuer AS BLOB)) > 0),
            fingerprint TEXT NOT NULL UNIQUE
                CONSTRAINT fingerprintIsSHA256 CHECK (
                    length(CAST(fingerprint AS BLOB)) = 64 AND fingerprint NOT GLOB '*[^0-9a-f]*'),
            der BLOB NOT NULL CHECK (length(der) > 0),
            number TEXT
                CONSTRAINT listNumberIsDecimal CHECK (
                    number IS NULL OR (length(CAST(number AS BLOB)) > 0 AND number NOT GLOB '*[^0-9]*')),
            thisUpdate INTEGER NOT NULL,
            nextUpdate INTEGER,
            addedAt INTEGER NOT NULL,
            CONSTRAINT updateFollowsUpdate CHECK (thisUpdate <= nextUpdate)
        ) STRICT;
        """

    /// Account files of FTP servers are lines with colons: nothing of that is in a hash, nor is a quick one.
    private static let passwords = """
        ALTER TABLE channel ADD COLUMN passwordSetAt INTEGER
            CONSTRAINT passwordHasItsTime CHECK ((passwordHash IS NULL) = (passwordSetAt IS NULL))
            CONSTRAINT hashIsSlowCrypt CHECK (passwordHash IS NULL OR (
                length(CAST(passwordHash AS BLOB)) BETWEEN 40 AND 384 AND passwordHash GLOB '$y$*'
                AND passwordHash NOT GLOB '*[^./0-9A-Za-z$]*'));
        """

    /// Where each authority's statuses come from, what responders said, and when it is to be fetched again. A status
    /// that was asked for and not learnt yet has no `fetchedAt`. Of a certificate, which warning of its end was given last.
    private static let revocation = """
        ALTER TABLE authority ADD COLUMN statusKind TEXT NOT NULL DEFAULT 'file'
            CONSTRAINT statusKindIsKnown CHECK (statusKind IN ('file', 'crl', 'ocsp'));
        ALTER TABLE authority ADD COLUMN statusURL TEXT
            CONSTRAINT onlyFilesHaveNoAddress CHECK ((statusKind = 'file') = (statusURL IS NULL))
            CONSTRAINT addressHasItsShape CHECK (statusURL IS NULL OR (
                length(CAST(statusURL AS BLOB)) BETWEEN 8 AND 2000
                AND (statusURL GLOB 'http://?*' OR statusURL GLOB 'https://?*')
                AND statusURL NOT GLOB '*[^!-~]*'));
        ALTER TABLE authority ADD COLUMN statusAgeLimit INTEGER
            CONSTRAINT whatIsFetchedHasALimit CHECK (statusKind = 'file' OR statusAgeLimit IS NOT NULL)
            CONSTRAINT limitIsBetweenAMinuteAndAMonth CHECK (statusAgeLimit BETWEEN 60 AND 2678400);
        ALTER TABLE authority ADD COLUMN statusDueAt INTEGER NOT NULL DEFAULT 0;

        CREATE TABLE certificateStatus (
            authority TEXT NOT NULL REFERENCES authority (fingerprint) ON DELETE CASCADE,
            certificate TEXT NOT NULL
                CONSTRAINT fingerprintIsSHA256 CHECK (
                    length(CAST(certificate AS BLOB)) = 64 AND certificate NOT GLOB '*[^0-9a-f]*'),
            serial TEXT NOT NULL
                CONSTRAINT serialIsHexadecimal CHECK (
                    length(CAST(serial AS BLOB)) BETWEEN 1 AND 80 AND serial NOT GLOB '*[^0-9A-F]*'),
            dueAt INTEGER NOT NULL,
            fetchedAt INTEGER,
            thisUpdate INTEGER
                CONSTRAINT statusIsWhole CHECK ((fetchedAt IS NULL) = (thisUpdate IS NULL)),
            nextUpdate INTEGER
                CONSTRAINT updateFollowsUpdate CHECK (nextUpdate IS NULL OR thisUpdate <= nextUpdate),
            revokedAt INTEGER
                CONSTRAINT revocationIsAStatus CHECK (revokedAt IS NULL OR fetchedAt IS NOT NULL),
            PRIMARY KEY (authority, certificate)
        ) STRICT, WITHOUT ROWID;

        CREATE INDEX statusByDueTime ON certificateStatus (authority, dueAt);

        ALTER TABLE certificate ADD COLUMN warnedDays INTEGER
            CONSTRAINT warnedBeforeTheEnd CHECK (warnedDays IN (60, 30, 7));
        """

    /// What both a sender's certificate and an authority's say of themselves.
    private static let certificateColumns = """
        der BLOB NOT NULL CHECK (length(der) > 0),
            subject TEXT NOT NULL,
            issuer TEXT NOT NULL,
            owner TEXT NOT NULL,
            company TEXT,
            serialDecimal TEXT NOT NULL,
            serialHexadecimal TEXT NOT NULL,
            notBefore INTEGER NOT NULL,
            notAfter INTEGER NOT NULL CONSTRAINT datesInOrder CHECK (notBefore <= notAfter),
            keyKind TEXT NOT NULL,
            keyBits INTEGER NOT NULL CHECK (keyBits >= 0),
            isAuthority INTEGER NOT NULL CHECK (isAuthority IN (0, 1)),
        """
}
