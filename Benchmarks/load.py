"""Signed sets over many SFTP sessions by one process that costs little (native/load.c), and what became of them."""

import os
import select
import shutil
import subprocess
import time

from build import built
from rig import TODAY, make, published, signed_sets, wait_for

# Different contents of a sender; its sets take them in turns under names of their own.
CONTENTS = 8


def contents(work, senders, size=20_000):
    """A folder of signed contents for each sender."""
    folders = []
    for sender in senders:
        folder = make(work, "contents", sender["number"])
        if not os.listdir(folder):
            signing = os.path.join(work, "signing")
            for index, stem in enumerate(signed_sets(sender, signing, CONTENTS, size)):
                for kind in ("FI", "FS"):
                    os.rename(os.path.join(signing, f"{kind}.{stem}.1"), os.path.join(folder, f"{kind}.{index}"))
            shutil.rmtree(signing)
        folders.append(folder)
    return folders


class Load:
    """`sessions` sessions shared by the senders of a server, up when it is entered. Each of them sends `each` sets, the
    sequence numbers of a sender beginning at `first`, or with `decided` false the same bytes under temporary names."""

    def __init__(self, work, server, senders, sessions, each, first=1, rate=0, directory=None, decided=True):
        self.log = os.path.join(make(work), "load.log")
        self.total = sessions * each
        self.plan = []
        folders = contents(work, senders)
        for index in range(sessions):
            sender, folder = senders[index % len(senders)], folders[index % len(senders)]
            number = sender["number"]
            where = directory(sender) if directory else "IN/"
            self.plan.append(f"{server.login(sender)} {where} DIMN.{number}.{TODAY:%Y%m%d} R.1 "
                             f"{first + index // len(senders) * each} {each} {folder} {'set' if decided else 'bytes'}")
        self.command = [built(work, "load", ("load", "upload", "session", "bytes"), "-lssh"), str(server.port), str(rate), self.log]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process.stdin.write("\n".join(self.plan) + "\n\n")
        self.process.stdin.flush()
        self.line()
        return self

    def begin(self):
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def end(self):
        start, seconds, cpu, total = map(float, self.line().split())
        return {"start": start, "seconds": seconds, "cpu": cpu, "total": int(total)}

    def run(self):
        self.begin()
        return self.end()

    def is_done(self, pause=1):
        return bool(select.select([self.process.stdout], [], [], pause)[0])

    def line(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("the load ended early")
        return line

    def __exit__(self, fault, *_):
        if fault:
            self.process.terminate()
        self.process.stdin.close()
        self.process.wait()

    def sets(self):
        """GO → when it was due, sent, answered."""
        lines = (line.split() for line in open(self.log))
        return {words[0]: tuple(map(float, words[1:])) for words in lines}


def through(work, ecluse, sessions, each, first=1, rate=0, watch=None):
    """Sends sets until each has its receipt, and ends the run unless each was accepted and has exactly one. Returns what it
    took, and of each set when it was due, sent, answered, and when its receipt became visible. `watch` is called with
    the seconds passed, about once a second."""
    before, mark, there = ecluse.count(), ecluse.last(), published(ecluse.outbox)
    with Load(work, ecluse, ecluse.senders, sessions, each, first, rate) as load:
        cpu = ecluse.cpu()
        load.begin()
        begin = time.monotonic()
        while watch and not load.is_done():
            watch(time.monotonic() - begin)
        outcome = load.end()
        wait_for(lambda: ecluse.is_answered(before + outcome["total"]), pause=0.1)
        outcome["daemon"] = ecluse.cpu() - cpu
    sent, visible = load.sets(), receipts(ecluse, mark, there, key="name")
    if sent.keys() != visible.keys():
        raise SystemExit(f"{len(sent)} sets were sent, {len(visible)} are in the ledger")
    outcome["sets"] = [(*moments, visible[name]) for name, moments in sent.items()]
    outcome["job"] = max(visible for *_, visible in outcome["sets"]) - outcome["start"]
    outcome["rate"] = outcome["total"] / outcome["job"]
    return outcome


def receipts(ecluse, mark, there, key="ticket"):
    """When the GO of its receipt got its name, for each set after number `mark`, by its ticket or name. Ends the run unless
    each was accepted and has exactly one receipt; `there`: receipts that lay there before."""
    rows = ecluse.query(f"SELECT fileSet.{key}, fileSet.state, codes, fileSet.sender, stem, answer.state FROM fileSet"
                        " LEFT JOIN answer ON setSeq = seq WHERE seq > ?", mark)
    odd = [row for row in rows if (row[1], row[2], row[5]) != ("routed", "", "published")]
    visible = {sender: {} for _, _, _, sender, _, _ in rows}
    for sender, names in visible.items():
        for entry in os.scandir(os.path.join(ecluse.outbox, sender, "OUT")):
            if entry.name.startswith("GO."):
                names[entry.name] = entry.stat().st_ctime
    moments = {row[0]: visible[row[3]].pop(f"GO.{row[4]}", None) for row in rows}
    if odd or len(moments) != len(rows) or None in moments.values():
        raise SystemExit(f"{len(rows)} sets with receipts, {len(odd)} odd: {odd[:1]}")
    if published(ecluse.outbox) != there + len(rows):
        raise SystemExit(f"{published(ecluse.outbox) - there} receipts for {len(rows)} sets")
    return moments


def latencies(sets):
    """Milliseconds from the GO sent to its receipt visible: p50 and p99."""
    ordered = sorted(visible - sent for _, sent, _, visible in sets)
    return ordered[len(ordered) // 2] * 1000, ordered[len(ordered) * 99 // 100] * 1000
