"""The whole job beside a Python program that does it in the straightforward way."""

import json
import os
import shutil
import subprocess
import time

from rig import ROOT, Ecluse, call, make, report, signed_sets, wait_for

PYTHON = os.path.join(ROOT, ".build/clients/bin/python")
PROCESSES = 2


def peer(work, quick):
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
        call("sync")
        theirs, their_cpu = python(work, ecluse, total)

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
        report("whole job from watched folders, sets/s", f"{total / ours:.0f}", f"Python {total / theirs:.0f}",
               f"{theirs / ours:.2f}", ">= 4.0", theirs >= 4 * ours)
        report("  CPU for a set, ms", f"{cpu / total * 1000:.2f}", f"Python {their_cpu / total * 1000:.2f}",
               f"{their_cpu / cpu:.2f}", "", True)
    finally:
        ecluse.close()


def python(work, ecluse, total):
    """Seconds, and seconds of CPU, of the Python program."""
    root = make(work, "python")
    programs = []
    for index in range(PROCESSES):
        part = ecluse.senders[index::PROCESSES]
        for sender in part:
            make(root, sender["number"], "OUT")
            shutil.copytree(os.path.join(work, "sets", sender["number"]), os.path.join(root, sender["number"], "IN"))
        plan = os.path.join(root, f"plan{index}.json")
        with open(plan, "w") as file:
            json.dump({
                "senders": [{"number": sender["number"], "certificate": sender["certificate"],
                             "home": os.path.join(root, sender["number"])} for sender in part],
                "authority": os.path.join(ecluse.folder, "ca.pem"),
                "schema": os.path.join(ecluse.folder, "config/schemas/Dimona_20231.xsd"),
                "key": os.path.join(ecluse.folder, "config/keys/receipt.key"),
                "receipt": os.path.join(ecluse.folder, "config/keys/receipt.pem"),
                "ledger": os.path.join(root, f"ledger{index}.sqlite"),
                "destination": make(root, f"destination{index}")}, file)
        programs.append(plan)
    call("sync")
    script = os.path.join(ROOT, "Benchmarks/watched.py")
    begin = time.time()
    running = [subprocess.Popen([PYTHON, script, plan]) for plan in programs]
    try:
        wait_for(lambda: answered(root) >= total or any(program.poll() is not None for program in running), pause=0.1)
        if answered(root) < total:
            raise SystemExit("the Python program failed")
        return newest(root) - begin, sum(cpu(program.pid) for program in running)
    finally:
        for program in running:
            program.terminate()
            program.wait()


def cpu(process):
    fields = open(f"/proc/{process}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def outs(root):
    return (os.path.join(root, number, "OUT") for number in os.listdir(root)
            if os.path.isdir(os.path.join(root, number, "OUT")))


def answered(root):
    return sum(name.startswith("GO.") for out in outs(root) for name in os.listdir(out))


def newest(root):
    """When the last GO got its name."""
    return max(entry.stat().st_ctime for out in outs(root) for entry in os.scandir(out) if entry.name.startswith("GO."))
