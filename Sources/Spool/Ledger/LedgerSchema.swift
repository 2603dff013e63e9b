internal import GRDB

/// The tables of the ledger. Migrations are only ever added; their names are permanent.
///
/// The schema itself keeps: one receipt for a set at the most, no outcome without its receipt (or the set it
/// repeats), no row ever deleted, no state without what belongs to it.
enum LedgerSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("sets and receipts") { db in
            try db.execute(sql: counters + sets + parts + answers + rules)
        }
        migrator.registerMigration("handover marks") { db in try db.execute(sql: handovers) }
        migrator.registerMigration("answers on their shelf") { db in try db.execute(sql: shelf) }
        migrator.registerMigration("senders decided by turns") { db in try db.execute(sql: turns) }
        migrator.registerMigration("workers a set failed") { db in try db.execute(sql: failures) }
        migrator.registerMigration("seals of rows", foreignKeyChecks: .immediate) { db in
            try db.execute(sql: seals)
        }
        return migrator
    }

    /// Times are seconds since 1970. Names are in their escaped form.
    private static let counters = """
        CREATE TABLE counter (
            name TEXT NOT NULL PRIMARY KEY,
            next INTEGER NOT NULL CHECK (next >= 0)
        ) WITHOUT ROWID;
        CREATE TABLE answerCounter (
            day TEXT NOT NULL CHECK (length(day) = 8),
            environment TEXT NOT NULL CHECK (environment IN ('R', 'T', 'S')),
            last INTEGER NOT NULL CHECK (last >= 1),
            PRIMARY KEY (day, environment)
        ) WITHOUT ROWID;
        CREATE TABLE destination (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE
        );

        """

    private static let sets = """
        CREATE TABLE fileSet (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            ticket TEXT NOT NULL UNIQUE CHECK (length(ticket) = 13),
            sender TEXT NOT NULL CHECK (length(sender) = 6),
            channel TEXT NOT NULL CHECK (channel IN ('sftp', 'ftp', 'web', 'folder')),
            mailbox TEXT NOT NULL CHECK (mailbox IN ('IN', 'INTEST', 'INTEST-S')),
            receivedAt REAL NOT NULL,
            name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 240),
            identity TEXT NOT NULL CHECK (length(identity) BETWEEN 1 AND 240),
            hasTrigger INTEGER NOT NULL CHECK (hasTrigger IN (0, 1)),
            state TEXT NOT NULL CHECK (state IN ('received', 'held', 'accepted', 'routed', 'refused')),
            heldFrom TEXT CHECK (heldFrom IN ('received', 'accepted')),
            attempt INTEGER NOT NULL CHECK (attempt >= 0),
            dueAt REAL NOT NULL,
            deferralReason TEXT,
            deferralSentence TEXT,
            codes TEXT NOT NULL DEFAULT '',
            decision TEXT,
            destination INTEGER REFERENCES destination (id),
            repeatOf INTEGER REFERENCES fileSet (seq) CHECK (repeatOf < seq),
            decidedAt REAL,
            settledAt REAL,
            retiredAt REAL,
            CHECK ((state = 'held') = (heldFrom IS NOT NULL)),
            CHECK ((state = 'received' OR heldFrom IS 'received') = (decidedAt IS NULL)),
            CHECK ((decision IS NULL) = (decidedAt IS NULL)),
            CHECK ((state IN ('routed', 'refused')) = (settledAt IS NOT NULL)),
            CHECK (state <> 'accepted' OR destination IS NOT NULL),
            CHECK (repeatOf IS NULL OR state = 'routed'),
            CHECK (retiredAt IS NULL OR settledAt IS NOT NULL),
            CHECK ((deferralReason IS NULL) = (deferralSentence IS NULL)),
            CHECK (state <> 'held' OR deferralReason IS NOT NULL)
        );
        CREATE INDEX setByState ON fileSet (state, seq);
        CREATE INDEX setByIdentity ON fileSet (sender, identity, seq);
        CREATE INDEX setToDecide ON fileSet (dueAt, seq) WHERE state = 'received';
        CREATE INDEX setUndecidedOfSender ON fileSet (sender, seq) WHERE state = 'received';
        CREATE INDEX setToDeliver ON fileSet (sender, destination, seq) WHERE state = 'accepted';
        CREATE INDEX setToRetire ON fileSet (settledAt) WHERE settledAt IS NOT NULL AND retiredAt IS NULL;

        """

    private static let turns =
        "CREATE INDEX setToDecideOfSender ON fileSet (sender, dueAt, seq) WHERE state = 'received'"

    // Without a CHECK: with one, SQLite would judge all rows anew, and a damaged one end the start.
    private static let failures = """
        ALTER TABLE fileSet ADD COLUMN workersFailed INTEGER NOT NULL DEFAULT 0;
        UPDATE fileSet SET workersFailed = 1 WHERE deferralReason = 'worker-failed';
        """

    private static let parts = """
        CREATE TABLE part (
            setSeq INTEGER NOT NULL REFERENCES fileSet (seq),
            position INTEGER NOT NULL CHECK (position >= 0),
            name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 240),
            size INTEGER NOT NULL CHECK (size >= 0),
            digest BLOB NOT NULL CHECK (length(digest) = 32),
            PRIMARY KEY (setSeq, position)
        ) WITHOUT ROWID;

        """

    private static let answers = """
        CREATE TABLE answer (
            id INTEGER PRIMARY KEY,
            setSeq INTEGER NOT NULL REFERENCES fileSet (seq),
            kind TEXT NOT NULL CHECK (kind IN ('receipt')),
            sender TEXT NOT NULL CHECK (length(sender) = 6),
            mailbox TEXT NOT NULL CHECK (mailbox IN ('OUT', 'OUTTEST', 'OUTTEST-S')),
            channel TEXT NOT NULL CHECK (channel IN ('sftp', 'ftp', 'web', 'folder')),
            stem TEXT NOT NULL,
            document BLOB NOT NULL,
            signature BLOB NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('issued', 'published', 'taken', 'deleted', 'expired')),
            issuedAt REAL NOT NULL,
            publishedAt REAL,
            CHECK (state = 'issued' OR publishedAt IS NOT NULL OR state = 'deleted')
        );
        CREATE UNIQUE INDEX receiptOfSet ON answer (setSeq) WHERE kind = 'receipt';
        CREATE UNIQUE INDEX answerByStem ON answer (sender, stem);
        CREATE INDEX answerIssued ON answer (id) WHERE state = 'issued';
        CREATE INDEX answerWaiting ON answer (channel, publishedAt, id) WHERE state = 'published';
        CREATE INDEX answerToExpire ON answer (publishedAt) WHERE state IN ('published', 'taken');

        """

    private static let rules = """
        CREATE TRIGGER setStays BEFORE DELETE ON fileSet
        BEGIN SELECT RAISE(ABORT, 'a set is never deleted'); END;
        CREATE TRIGGER partStays BEFORE DELETE ON part
        BEGIN SELECT RAISE(ABORT, 'a part is never deleted'); END;
        CREATE TRIGGER partIsFixed BEFORE UPDATE ON part
        BEGIN SELECT RAISE(ABORT, 'a part never changes'); END;
        CREATE TRIGGER answerStays BEFORE DELETE ON answer
        BEGIN SELECT RAISE(ABORT, 'an answer is never deleted'); END;
        CREATE TRIGGER answerIsFixed BEFORE UPDATE OF setSeq, kind, sender, mailbox, stem, document, signature ON answer
        BEGIN SELECT RAISE(ABORT, 'an answer never changes'); END;
        CREATE TRIGGER setIsFixed
        BEFORE UPDATE OF seq, ticket, sender, channel, mailbox, receivedAt, name, identity, hasTrigger ON fileSet
        BEGIN SELECT RAISE(ABORT, 'what arrived never changes'); END;
        CREATE TRIGGER outcomeHasReceipt BEFORE UPDATE OF state ON fileSet
        WHEN OLD.decidedAt IS NULL AND NEW.decidedAt IS NOT NULL AND NEW.repeatOf IS NULL
            AND NOT EXISTS (SELECT 1 FROM answer WHERE setSeq = NEW.seq AND kind = 'receipt')
        BEGIN SELECT RAISE(ABORT, 'an outcome needs its receipt'); END;
        CREATE TRIGGER outcomeIsFinal BEFORE UPDATE OF decidedAt, decision, codes, destination, repeatOf ON fileSet
        WHEN OLD.decidedAt IS NOT NULL
        BEGIN SELECT RAISE(ABORT, 'a decision never changes'); END;

        """
}
