"""What it costs that worker processes judge signatures and documents, beside the daemon's own process."""

import os
import shutil
import statistics
import time

from peer import answered, newest
from rig import Ecluse, call, make, report, signed_sets, wait_for

TURNS = 5


def workers(work, quick):
    """The same instance in turns with workers and without: signed sets in the watched folders of eight senders, all
    there at the start. The clock stops with the last receipt; there are no clients beside."""
    senders, each = 8, 40 if quick else 150
    watched = make(work, "watched")
    ecluse = Ecluse(os.path.join(work, "instance"), senders, channels=("folder",),
                    changes=(("root: \"off\" ", f"root: {watched} "),))
    rates, costs = {"auto": [], "off": []}, {"auto": [], "off": []}
    total, mode = 0, "auto"
    for turn in range(2 * TURNS + 1):
        for sender in ecluse.senders:
            folder = os.path.join(work, "sets", sender["number"])
            for stem in signed_sets(sender, folder, each, 20_000, first=turn * each + 1):
                open(os.path.join(folder, f"GO.{stem}"), "w").close()
            shutil.copytree(folder, os.path.join(watched, sender["number"], "IN"), dirs_exist_ok=True)
            shutil.rmtree(folder)
        call("sync")
        total += senders * each
        begin = time.time()
        ecluse.start()
        try:
            wait_for(lambda: answered(watched) >= total, pause=0.1)
            if turn > 0:  # The first one warms the disk.
                rates[mode].append(senders * each / (newest(watched) - begin))
                costs[mode].append(ecluse.cpu() / (senders * each) * 1000)
        finally:
            ecluse.close()
        other = "off" if mode == "auto" else "auto"
        ecluse.change((f"workers: {mode} ", f"workers: {other} "))
        mode = other
    odd = [row for row in ecluse.rows() if row["codes"]]
    if odd:
        raise SystemExit(f"{len(odd)} refused: {odd[:1]}")
    ours, theirs = statistics.median(rates["auto"]), statistics.median(rates["off"])
    report("whole job with workers, sets/s", f"{ours:.0f}", f"own process {theirs:.0f}", f"{ours / theirs:.2f}",
           ">= 0.9", ours >= 0.9 * theirs)
    ours, theirs = statistics.median(costs["auto"]), statistics.median(costs["off"])
    report("  CPU for a set, start included, ms", f"{ours:.2f}", f"own process {theirs:.2f}", f"{ours / theirs:.2f}", "",
           True)
