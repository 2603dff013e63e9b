extension LedgerSchema {
    /// Where `RowSeal` keeps its values. Without a CHECK: with one, SQLite would judge all rows anew, and a damaged one end
    /// the start.
    static let seals = """
        ALTER TABLE fileSet ADD COLUMN arrivalSeal BLOB;
        ALTER TABLE fileSet ADD COLUMN outcomeSeal BLOB;
        ALTER TABLE answer ADD COLUMN seal BLOB;
        DROP TRIGGER answerIsFixed;
        CREATE TRIGGER answerIsFixed
        BEFORE UPDATE OF setSeq, kind, sender, mailbox, channel, stem, document, signature, seal ON answer
        BEGIN SELECT RAISE(ABORT, 'an answer never changes'); END;
        DROP TRIGGER setIsFixed;
        CREATE TRIGGER setIsFixed
        BEFORE UPDATE OF seq, ticket, sender, channel, mailbox, receivedAt, name, identity, hasTrigger, arrivalSeal
        ON fileSet
        BEGIN SELECT RAISE(ABORT, 'what arrived never changes'); END;
        DROP TRIGGER outcomeIsFinal;
        CREATE TRIGGER outcomeIsFinal
        BEFORE UPDATE OF decidedAt, decision, codes, destination, repeatOf, outcomeSeal ON fileSet
        WHEN OLD.decidedAt IS NOT NULL
        BEGIN SELECT RAISE(ABORT, 'a decision never changes'); END;

        """
}
