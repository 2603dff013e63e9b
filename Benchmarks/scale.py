"""Large ledgers and registries: copies of real rows, put beside them by SQL while the daemon is down."""

import hashlib
import os
import signal
import sqlite3
import statistics
import time

import job
from load import CONTENTS, Load, contents, through
from rig import TODAY, Ecluse, make, report, wait_for

ALPHABET = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
# Counters of tickets and sequence numbers that no daemon of a run comes to.
FIRST = 1_000_000_000


def ticket(counter):
    """As `Ticket` writes it."""
    digits = ""
    for _ in range(7):
        counter, digit = divmod(counter, 34)
        digits = ALPHABET[digit] + digits
    stem, remainder = "0380" + digits, 0
    for character in stem:
        remainder = (remainder * 34 + ALPHABET.index(character)) % 31
    return stem + ALPHABET[remainder or 31] + "Z"


def restart(work, quick):
    """Killed while sets come in and are decided, started again: until the run file is there and a session is answered."""
    total, waiting = (50_000, 5000) if quick else (1_000_000, 100_000)
    ecluse = Ecluse(os.path.join(work, "restart"), job.SENDERS).start()
    try:
        through(work, ecluse, job.SENDERS, 2)
        ecluse.close()
        with Ledger(ecluse) as ledger:
            ledger.copy_settled(total - waiting, whole=True)
            # Some are decided before the kill.
            ledger.add_waiting(contents(work, ecluse.senders), waiting * 21 // 20)
        ecluse.start()
        with Load(work, ecluse, ecluse.senders, job.SENDERS, 10, first=50_001) as load:
            load.run()
        os.kill(ecluse.process.pid, signal.SIGKILL)
        ecluse.process.wait()
        rows, left = counts(ecluse)
        begin = time.monotonic()
        ecluse.start()
        ready = time.monotonic() - begin
        with Load(work, ecluse, ecluse.senders, 1, 0):
            answered = time.monotonic() - begin
        wait_for(lambda: counts(ecluse)[1] < left - min(500, left // 2), pause=0.5)
        if rows < total or ecluse.query("SELECT 1 FROM fileSet WHERE codes <> '' OR state = 'held' LIMIT 1"):
            raise SystemExit(f"{rows} of {total} sets, or one of them refused or on hold")
        report(f"restart, {rows:,} sets, {left:,} of them waiting, s", f"{answered:.1f}", "5", f"{answered / 5:.2f}",
               "<= 1.0", answered <= 5)
        report("  until the run file, s", f"{ready:.1f}", "", "")
    finally:
        ecluse.close()


def counts(ecluse):
    return ecluse.query("SELECT count(*), count(*) FILTER (WHERE state IN ('received', 'accepted')) FROM fileSet")[0]


def size(work, quick):
    """Two instances in turns, each first as often as second: one with nothing but its 64 senders, one with a full registry
    and ledger. Of the copies' rows the long texts (decision, receipt and its signature) are cut."""
    senders, sets, turns, each = (10_000, 200_000, 2, 10) if quick else (100_000, 5_000_000, 4, 100)
    small, large = (Ecluse(os.path.join(work, name), job.SENDERS) for name in ("small", "large"))
    try:
        large.start()
        through(work, large, job.SENDERS, 2)
        large.close()
        with Ledger(large) as ledger:
            ledger.copy_settled(sets, whole=False)
        copy_senders(large, senders)
        for ecluse in (small, large):
            through(work, ecluse.start(), job.SENDERS, 2, first=1001)
        rates = {small: [], large: []}
        for turn in range(turns):
            for ecluse in (small, large) if turn % 2 == 0 else (large, small):
                rates[ecluse].append(through(work, ecluse, job.SENDERS, each, first=(turn + 2) * 1000 + 1)["rate"])
        ours, theirs = statistics.median(rates[large]), statistics.median(rates[small])
        report(f"{senders:,} senders, {sets:,} sets before, sets/s", f"{ours:.0f}", f"empty {theirs:.0f}",
               f"{ours / theirs:.2f}", ">= 0.9", ours >= 0.9 * theirs)
    finally:
        small.close()
        large.close()


class Ledger:
    """Of an instance that is down."""

    def __init__(self, ecluse):
        self.ecluse = ecluse
        self.db = sqlite3.connect(os.path.join(ecluse.folder, "spool/ledger.sqlite"), isolation_level=None)
        self.db.create_function("ticket", 1, ticket, deterministic=True)

    def __enter__(self):
        self.db.execute("PRAGMA journal_mode = OFF")
        self.db.execute("PRAGMA synchronous = OFF")
        self.db.execute("PRAGMA cache_size = -1000000")
        self.db.execute("BEGIN")
        return self

    def __exit__(self, *_):
        self.db.execute("COMMIT")
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.close()
        os.sync()

    def columns(self, table, **changes):
        """Names and values for INSERT … SELECT: those of the row copied, but for the changes."""
        names = [row[1] for row in self.db.execute(f"PRAGMA table_info({table})")]
        return ", ".join(names), ", ".join(changes.get(name, f"{table}.{name}") for name in names)

    def copy_settled(self, count, whole):
        """Makes `count` more sets of those that are there, each with names and tickets of its own, under dates of last
        year."""
        rows = self.db.execute("SELECT max(seq) FROM fileSet").fetchone()[0]
        self.db.execute("UPDATE fileSet SET retiredAt = settledAt WHERE retiredAt IS NULL")
        self.db.execute("CREATE TEMP TABLE copy (seq INTEGER PRIMARY KEY, origin INTEGER, tail TEXT)")
        self.db.execute("WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ? - 1)"
                        " INSERT INTO copy SELECT ? + i, 1 + i % ?,"
                        " strftime('%Y%m%d', '2025-01-01', (i / 99999) || ' days') || printf('.%05d.R', 1 + i % 99999)"
                        " FROM n", (count, rows + 1, rows))
        stem = "substr(fileSet.identity, 1, 12) || tail"
        names, values = self.columns("fileSet", seq="copy.seq", ticket=f"ticket({FIRST} + copy.seq)",
                                     name=f"'GO.' || {stem} || '.1'", identity=stem, arrivalSeal="NULL",
                                     outcomeSeal="NULL",
                                     **({} if whole else {"decision": "'{}'"}))
        self.db.execute(f"INSERT INTO fileSet ({names}) SELECT {values} FROM copy JOIN fileSet ON fileSet.seq = origin"
                        " ORDER BY copy.seq")
        names, values = self.columns("part", setSeq="copy.seq",
                                     name=f"substr(part.name, 1, 3) || {stem} || '.1.1'")
        self.db.execute(f"INSERT INTO part ({names}) SELECT {values} FROM copy JOIN fileSet ON fileSet.seq = origin"
                        " JOIN part ON setSeq = origin ORDER BY copy.seq")
        names, values = self.columns("answer", id="copy.seq", setSeq="copy.seq", stem="'ACRF.999999.' || tail",
                                     shelf="copy.seq", seal="NULL",
                                     **({} if whole else {"document": "x'00'", "signature": "x'00'"}))
        self.db.execute(f"INSERT INTO answer ({names}) SELECT {values} FROM copy JOIN answer ON answer.setSeq = origin"
                        " ORDER BY copy.seq")
        self.db.execute("UPDATE counter SET next = (SELECT max(seq) + 1 FROM copy) WHERE name = 'shelf'")
        self.db.execute("DROP TABLE copy")

    def add_waiting(self, folders, count):
        """Sets that were sealed and wait for their decision, bytes and all."""
        held = os.path.join(self.ecluse.folder, "spool/held")
        seq = self.db.execute("SELECT max(seq) FROM fileSet").fetchone()[0]
        go = os.path.join(make(held, "..", "..", "empty"), "GO")
        sums = [[digest(os.path.join(folder, f"{kind}.{index}")) for index in range(CONTENTS) for kind in ("FI", "FS")]
                for folder in folders]
        for place in range(count):
            seq += 1
            turn, own = divmod(place, len(folders))
            sender, index = self.ecluse.senders[own]["number"], turn % CONTENTS
            identity = f"DIMN.{sender}.{TODAY:%Y%m%d}.{60_001 + turn:05d}.R"
            folder = os.path.join(held, ticket(FIRST + seq))
            os.mkdir(folder, 0o700)
            self.db.execute("INSERT INTO fileSet (seq, ticket, sender, channel, mailbox, receivedAt, name, identity,"
                            " hasTrigger, state, attempt, dueAt) VALUES (?, ?, ?, 'sftp', 'IN', ?, ?, ?, 1, 'received', 0, ?)",
                            (seq, ticket(FIRST + seq), sender, time.time(), f"GO.{identity}.1", identity, time.time()))
            for position, kind in enumerate(("FI", "FS")):
                name = f"{kind}.{identity}.1.1"
                os.link(os.path.join(folders[own], f"{kind}.{index}"), os.path.join(folder, name))
                self.db.execute("INSERT INTO part VALUES (?, ?, ?, ?, ?)",
                                (seq, position, name, *sums[own][2 * index + position]))
            if place % 10_000 == 0:
                open(f"{go}{place}", "w").close()
                empty = f"{go}{place}"
            os.link(empty, os.path.join(folder, f"~origin.{sender}.sftp.IN.GO.{identity}.1"))


def digest(path):
    content = open(path, "rb").read()
    return len(content), hashlib.sha256(content).digest()


def copy_senders(ecluse, count):
    """More senders like the first, with certificates that end next year."""
    db = sqlite3.connect(os.path.join(ecluse.folder, "registry/registry.sqlite"), isolation_level=None)
    db.create_function("hash", 1, lambda number: hashlib.sha256(str(number).encode()).hexdigest(), deterministic=True)
    model = ecluse.senders[0]["number"]
    changes = {
        "sender": {"number": "number", "user": "'EXPcopy' || number"},
        "channel": {"sender": "number"},
        "channelApplication": {"sender": "number"},
        "certificate": {"sender": "number", "fingerprint": "hash(number)", "notAfter": "notAfter + 31536000000"},
        "channelCertificate": {"sender": "number", "fingerprint": "hash(number)"},
        "sshKey": {"sender": "number", "fingerprint": "'SHA256:' || substr(hash(number), 1, 43)"},
        "channelKey": {"sender": "number", "fingerprint": "'SHA256:' || substr(hash(number), 1, 43)"}}
    db.execute("PRAGMA synchronous = OFF")
    db.execute("BEGIN")
    db.execute("CREATE TEMP TABLE copy (number TEXT PRIMARY KEY)")
    db.execute("WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ? - 1)"
               " INSERT INTO copy SELECT 100000 + i FROM n", (count,))
    for table, own in changes.items():
        names = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
        values = ", ".join(own[name].replace("number", "copy.number") if name in own else f"{table}.{name}"
                           for name in names)
        key = "number" if table == "sender" else "sender"
        db.execute(f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM {table}, copy"
                   f" WHERE {table}.{key} = ?", (model,))
    db.execute("COMMIT")
    db.close()
