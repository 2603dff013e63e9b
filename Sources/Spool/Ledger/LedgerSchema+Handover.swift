extension LedgerSchema {
    /// Under which mark a channel handed a set over, so that it does not do so twice.
    static let handovers = """
        CREATE TABLE handover (
            mark TEXT NOT NULL PRIMARY KEY CHECK (length(CAST(mark AS BLOB)) BETWEEN 1 AND 500),
            setSeq INTEGER NOT NULL REFERENCES fileSet (seq),
            fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
            at REAL NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX handoverToForget ON handover (at);

        """

    /// The place of an answer on its sender's shelf. It is given when the answer is published and grows with
    /// every publication, which `id`, given when it is issued, does not: a reader that goes on where it was
    /// misses none.
    static let shelf = """
        ALTER TABLE answer ADD COLUMN shelf INTEGER;
        UPDATE answer SET shelf = ranked.place
        FROM (
            SELECT id, row_number() OVER (ORDER BY publishedAt, id) AS place FROM answer
            WHERE state IN ('published', 'taken')) AS ranked
        WHERE answer.id = ranked.id;
        INSERT INTO counter (name, next) SELECT 'shelf', coalesce(max(shelf), 0) + 1 FROM answer;
        CREATE INDEX answerOnShelf ON answer (sender, shelf) WHERE state IN ('published', 'taken');
        CREATE INDEX answerUnread ON answer (sender, shelf, channel) WHERE state = 'published';

        """
}
