"""What it costs that worker processes judge signatures and documents, beside the daemon's own process."""

import os
import shutil
import statistics
import time

from load import through
from peer import answered, newest
from rig import Ecluse, call, make, report, signed_sets, wait_for

TURNS = 7


def workers(work, quick):
    """The same instance in turns with workers and without, once with clients beside and once with none."""
    over_folders(os.path.join(work, "folders"), quick)
    over_sftp(os.path.join(work, "sftp"), quick)


def over_sftp(work, quick):
    """64 senders over as many connections, as in `job`."""
    senders, each = 64, 10 if quick else 60
    ecluse = Ecluse(make(work, "instance"), senders)
    rates, costs = {"auto": [], "off": []}, {"auto": [], "off": []}
    mode = "auto"
    for turn in range(2 * TURNS + 1):
        ecluse.start()
        try:
            through(work, ecluse, senders, 2, first=turn * 1000 + 1)
            run = through(work, ecluse, senders, each, first=turn * 1000 + 11)
        finally:
            ecluse.close()
        if turn > 0:  # The first one warms the disk.
            rates[mode].append(run["rate"])
            costs[mode].append(run["daemon"] / run["total"] * 1000)
        mode = switched(ecluse, mode)
    compare("over SFTP, 64 connections", rates, "CPU for a set, ms", costs)


def over_folders(work, quick):
    """Signed sets in the watched folders of eight senders, all there at the start. The clock stops with the last receipt."""
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
        mode = switched(ecluse, mode)
    odd = [row for row in ecluse.rows() if row["codes"]]
    if odd:
        raise SystemExit(f"{len(odd)} refused: {odd[:1]}")
    compare("watched folders", rates, "CPU for a set, start included, ms", costs)


def switched(ecluse, mode):
    """Turns the workers on or off for the next start, and tells what they are then."""
    other = "off" if mode == "auto" else "auto"
    ecluse.change((f"workers: {mode} ", f"workers: {other} "))
    return other


def compare(where, rates, cost, costs):
    """Each turn with workers stands beside the one right before it: disk and machine change by more than a tenth meanwhile."""
    ratio = beside(rates)
    report(f"whole job with workers, {where}, sets/s", f"{statistics.median(rates['auto']):.0f}",
           f"own process {statistics.median(rates['off']):.0f}", f"{ratio:.2f}", ">= 0.9", ratio >= 0.9)
    report(f"  {cost}", f"{statistics.median(costs['auto']):.2f}",
           f"own process {statistics.median(costs['off']):.2f}", f"{beside(costs):.2f}")


def beside(figures):
    """The middle one of the ratios of the turns."""
    return statistics.median(ours / theirs for ours, theirs in zip(figures["auto"], figures["off"]))
