"""The whole job over SFTP: signed sets from the upload to the published receipt."""

import os

from load import Load, contents, latencies, through
from build import built
from rig import Ecluse, OpenSSH, call, make, report, wait_for

SENDERS = 64
SETS_A_SECOND = 1000
# Measured in this run, by the number of connections.
rates = {}


def job(work, quick):
    """As fast as it goes over 8 and over 64 connections, beside what the steps cost by themselves: the bytes brought to
    OpenSSH's server and to ours without a GO, and every step of native/bare.c. Of the two servers the cheaper one counts."""
    ecluse = Ecluse(os.path.join(work, "job"), SENDERS).start()
    openssh = OpenSSH(make(work, "sshd"))
    try:
        each = 20 if quick else 200
        through(work, ecluse, SENDERS, 2)
        runs = {8: through(work, ecluse, 8, SENDERS // 8 * each, first=10_001),
                64: through(work, ecluse, SENDERS, each, first=20_001)}
        ours = carried(work, ecluse, ecluse.senders, each, lambda _: "INTEST/")
        theirs = carried(work, openssh, ecluse.senders, each,
                         lambda sender: make(openssh.target, sender["number"]) + "/")
        steps = bare(work, ecluse, 400 if quick else 2000)
        costs = {"transport": min(ours, theirs), "digest": steps["digest"], "verify": steps["verify"],
                 "document": steps["document"], "receipt": steps["receipt"], "commit": steps["commit"]}
        total = sum(costs.values())
        rates.update((connections, run["rate"]) for connections, run in runs.items())
        for connections, run in runs.items():
            rate, cpu = run["rate"], run["daemon"] / run["total"] * 1e6
            report(f"whole job, {connections} connections, sets/s", f"{rate:.0f}", f"{SETS_A_SECOND}",
                   f"{rate / SETS_A_SECOND:.2f}", ">= 1.0", rate >= SETS_A_SECOND)
            report("  daemon's CPU for a set, µs", f"{cpu:.0f}", f"bare costs {total:.0f}", f"{cpu / total:.2f}",
                   "<= 1.5", cpu <= 1.5 * total)
            p50, p99 = latencies(run["sets"])
            report("  GO to receipt visible at full load, ms", f"p50 {p50:.0f}", f"p99 {p99:.0f}", "")
            report("  CPU of the load for a set, µs", f"{run['cpu'] / run['total'] * 1e6:.0f}", "", "")
        for name, cost in costs.items():
            report(f"  bare cost: {name}, µs", f"{cost:.0f}", "", "")
        report("  transport by the two servers, µs", f"{ours:.0f}", f"OpenSSH {theirs:.0f}", f"{ours / theirs:.2f}")
        report("  not counted: files synced, placed, removed, µs", f"{steps['files']:.0f}", "", "")
        report("  not counted: verify with a known certificate, µs", f"{steps['verify-known']:.0f}", "", "")
    finally:
        ecluse.close()
        openssh.close()


def carried(work, server, senders, each, directory):
    """Microseconds of a server's CPU for the bytes of one set, nothing decided. OpenSSH's sessions count when they have ended,
    so log-ins alone are measured too, and taken off."""
    spent = []
    for share in (0, each):
        before = server.cpu()
        with Load(work, server, senders, SENDERS, share, directory=directory, decided=False) as load:
            load.run()
        wait_for(lambda: server.sessions() == 0)
        spent.append(server.cpu() - before)
    return (spent[1] - spent[0]) / (SENDERS * each) * 1e6


def bare(work, ecluse, sets):
    """Microseconds of CPU of each step, by its name."""
    folder = contents(work, ecluse.senders)[0]
    keys = os.path.join(ecluse.folder, "config/keys")
    out = os.path.join(ecluse.outbox, ecluse.senders[0]["number"], "OUT")
    receipt = next(os.path.join(out, name) for name in os.listdir(out) if name.startswith("FO."))
    libraries = call("pkg-config", "--cflags", "--libs", "libxml-2.0", "libcrypto", "sqlite3").decode().split()
    lines = call(built(work, "bare", ("bare", "disk"), *libraries), str(sets), os.path.join(folder, "FI.0"), os.path.join(folder, "FS.0"),
                 ecluse.authority, os.path.join(ecluse.folder, "config/schemas/Dimona_20231.xsd"), receipt,
                 os.path.join(keys, "receipt.key"), os.path.join(keys, "receipt.pem"), make(work, "bare"))
    return {name: float(cost) for name, cost in (line.split() for line in lines.decode().splitlines())}


def slow_disk(work, quick):
    """The same with a disk that takes 5 ms for a sync: a library before the daemon's own waits in fsync and fdatasync."""
    ecluse = Ecluse(os.path.join(work, "slow"), SENDERS)
    library = built(work, "slowsync", ("slowsync",), "-shared", "-fPIC", "-ldl")
    ecluse.start(LD_PRELOAD=library, SLOWSYNC_MICROSECONDS="5000")
    try:
        through(work, ecluse, SENDERS, 2)
        run = through(work, ecluse, SENDERS, 15 if quick else 150, first=10_001)
        if min(answered - sent for _, sent, answered, _ in run["sets"]) < 0.01:
            raise SystemExit("a GO was answered before two syncs: they are not slowed")
        p50, p99 = latencies(run["sets"])
        report("whole job, syncs of 5 ms, 64 connections, sets/s", f"{run['rate']:.0f}", "400",
               f"{run['rate'] / 400:.2f}", ">= 1.0", run["rate"] >= 400)
        report("  GO to receipt visible, ms", f"p50 {p50:.0f}", f"p99 {p99:.0f}", "")
    finally:
        ecluse.close()
