"""The whole job beside a Python program that does it in the straightforward way."""

import json
import os
import shutil
import subprocess
import time

import job
from load import Load, through
from rig import ROOT, Ecluse, OpenSSH, call, cpu_of, make, report, signed_sets, wait_for

PYTHON = os.path.join(ROOT, ".build/clients/bin/python")
PROCESSES = 2


def peer(work, quick):
    from_folders(make(work, "folders"), quick)
    over_sftp(make(work, "sftp"), quick)


def from_folders(work, quick):
    """The same signed sets in the watched folders of eight senders, all there at the start: first for as many processes
    of the Python program as there are cores, then for the daemon. The clock stops with the last receipt."""
    senders, each = 8, 25 if quick else 250
    total = senders * each
    watched = make(work, "watched")
    ecluse = Ecluse(os.path.join(work, "peer"), senders, channels=("folder",),
                    changes=(("root: \"off\" ", f"root: {watched} "),))
    try:
        for sender in ecluse.senders:
            folder = os.path.join(work, "sets", sender["number"])
            for stem in signed_sets(sender, folder, each, 20_000):
                open(os.path.join(folder, f"GO.{stem}"), "w").close()
        root = make(work, "python")
        for sender in ecluse.senders:
            shutil.copytree(os.path.join(work, "sets", sender["number"]), os.path.join(root, sender["number"], "IN"))
        call("sync")
        with Python(root, ecluse) as program:
            wait_for(lambda: answered(root) >= total or program.has_failed(), pause=0.1)
            theirs, their_cpu = newest(root) - program.begin, program.cpu()

        for sender in ecluse.senders:
            shutil.copytree(os.path.join(work, "sets", sender["number"]), os.path.join(watched, sender["number"], "IN"))
        call("sync")
        begin = time.time()
        ecluse.start()
        wait_for(lambda: answered(watched) >= total, pause=0.1)
        ours = newest(watched) - begin
        cpu = ecluse.cpu()
        rows = ecluse.rows()
        odd = [row for row in rows if row["codes"]]
        if len(rows) != total or odd:
            raise SystemExit(f"{len(rows)} sets, {len(odd)} refused: {odd[:1]}")
        compare("whole job from watched folders, sets/s", total, (ours, cpu), (theirs, their_cpu))
    finally:
        ecluse.close()


def over_sftp(work, quick):
    """What one would run: OpenSSH's server with the Python program watching the folders it writes to, beside the daemon. The
    same load brings the sets to both over 64 connections, as fast as they take them."""
    each = 5 if quick else 50
    total = each * job.SENDERS
    ecluse = Ecluse(os.path.join(work, "ecluse"), job.SENDERS).start()
    openssh = OpenSSH(make(work, "sshd"))
    try:
        for sender in ecluse.senders:
            make(openssh.target, sender["number"], "IN")
        log_ins = spent(openssh, lambda: Load(work, openssh, ecluse.senders, job.SENDERS, 0))
        before = openssh.cpu()
        with Python(openssh.target, ecluse) as program:
            with Load(work, openssh, ecluse.senders, job.SENDERS, each,
                      directory=lambda sender: f"{openssh.target}/{sender['number']}/IN/") as load:
                start = load.run()["start"]
                wait_for(lambda: answered(openssh.target) >= total or program.has_failed(), pause=0.1)
            # Taken at once: it looks at its folders also when there is nothing left to do.
            their_cpu = program.cpu()
            theirs = newest(openssh.target) - start
            wait_for(lambda: openssh.sessions() == 0)
            their_cpu += openssh.cpu() - before - log_ins
        through(work, ecluse, job.SENDERS, 2, first=50_001)
        run = through(work, ecluse, job.SENDERS, each)
        compare("whole job over SFTP, 64 connections, sets/s", total, (run["job"], run["daemon"]), (theirs, their_cpu))
    finally:
        ecluse.close()
        openssh.close()


def spent(openssh, load):
    """Seconds of CPU of sessions that do nothing."""
    before = openssh.cpu()
    with load():
        pass
    wait_for(lambda: openssh.sessions() == 0)
    return openssh.cpu() - before


def compare(figure, total, ours, theirs):
    report(figure, f"{total / ours[0]:.0f}", f"Python {total / theirs[0]:.0f}", f"{theirs[0] / ours[0]:.2f}", ">= 4.0",
           theirs[0] >= 4 * ours[0])
    report("  CPU for a set, ms", f"{ours[1] / total * 1000:.2f}", f"Python {theirs[1] / total * 1000:.2f}",
           f"{theirs[1] / ours[1]:.2f}")


class Python:
    """The program, in as many processes as there are cores, with folders of `ecluse`'s senders below `root`."""

    def __init__(self, root, ecluse):
        self.plans = []
        folder = make(root, "..", "python-state")
        for index in range(PROCESSES):
            part = ecluse.senders[index::PROCESSES]
            for sender in part:
                make(root, sender["number"], "OUT")
            self.plans.append(os.path.join(folder, f"plan{index}.json"))
            with open(self.plans[-1], "w") as file:
                json.dump({
                    "senders": [{"number": sender["number"], "certificate": sender["certificate"],
                                 "home": os.path.join(root, sender["number"])} for sender in part],
                    "authority": ecluse.authority,
                    "schema": os.path.join(ecluse.folder, "config/schemas/Dimona_20231.xsd"),
                    "key": os.path.join(ecluse.folder, "config/keys/receipt.key"),
                    "receipt": os.path.join(ecluse.folder, "config/keys/receipt.pem"),
                    "ledger": os.path.join(folder, f"ledger{index}.sqlite"),
                    "destination": make(folder, f"destination{index}")}, file)

    def __enter__(self):
        self.begin = time.time()
        self.running = [subprocess.Popen([PYTHON, os.path.join(ROOT, "Benchmarks/watched.py"), plan])
                        for plan in self.plans]
        return self

    def has_failed(self):
        if any(program.poll() is not None for program in self.running):
            raise SystemExit("the Python program failed")
        return False

    def cpu(self):
        return sum(cpu_of(program.pid) for program in self.running)

    def __exit__(self, *_):
        for program in self.running:
            program.terminate()
            program.wait()


def outs(root):
    return (os.path.join(root, number, "OUT") for number in os.listdir(root)
            if os.path.isdir(os.path.join(root, number, "OUT")))


def answered(root):
    return sum(name.startswith("GO.") for out in outs(root) for name in os.listdir(out))


def newest(root):
    """When the last GO got its name."""
    return max(entry.stat().st_ctime for out in outs(root) for entry in os.scandir(out) if entry.name.startswith("GO."))
