"""The whole job at a rate below the highest: sets become due at their times, whatever was answered until then."""

import os
import shutil
import statistics

import job
from load import latencies, through
from rig import Ecluse, report

# Of the soak; set by the command line.
minutes = 10
# What one set leaves on disk: the delivered file with its manifest, the receipt, its rows.
LEFT_BY_A_SET = 50_000


def capacity(work, ecluse, quick):
    """Sets a second as fast as it goes, of this run if they were measured."""
    through(work, ecluse, job.SENDERS, 2)
    return job.rates.get(64) or through(work, ecluse, job.SENDERS, 20 if quick else 100, first=1001)["rate"]


def latency(work, quick):
    ecluse = Ecluse(os.path.join(work, "latency"), job.SENDERS).start()
    try:
        rate = capacity(work, ecluse, quick) / 2
        run = through(work, ecluse, job.SENDERS, int(rate * (8 if quick else 30) / job.SENDERS), first=10_001, rate=rate)
        p50, p99 = latencies(run["sets"])
        report(f"GO to receipt visible at {rate:.0f} sets/s, p50, ms", f"{p50:.1f}", "20", f"{p50 / 20:.2f}", "< 1.0",
               p50 < 20)
        report(f"GO to receipt visible at {rate:.0f} sets/s, p99, ms", f"{p99:.1f}", "100", f"{p99 / 100:.2f}", "< 1.0",
               p99 < 100)
        whole = sorted(visible - due for due, _, _, visible in run["sets"])
        answer = sorted(answered - sent for _, sent, answered, _ in run["sets"])
        for name, seconds in (("FI due to receipt visible", whole), ("GO to its answer", answer)):
            report(f"  {name}, ms", f"p50 {seconds[len(seconds) // 2] * 1000:.1f}",
                   f"p99 {seconds[len(seconds) * 99 // 100] * 1000:.1f}", "")
    finally:
        ecluse.close()


def soak(work, quick):
    """The last third beside the better of those before it: a slow start excuses nothing."""
    ecluse = Ecluse(os.path.join(work, "soak"), job.SENDERS).start()
    try:
        rate = capacity(work, ecluse, quick) * 0.8
        each = int(rate * minutes * 60 / job.SENDERS)
        room, need = shutil.disk_usage(work).free, each * job.SENDERS * LEFT_BY_A_SET
        if room < need:
            raise SystemExit(f"soak leaves {need / 1e9:.0f} GB, and {room / 1e9:.0f} GB are free")
        sizes = []
        run = through(work, ecluse, job.SENDERS, each, first=10_001, rate=rate,
                      watch=lambda second: sizes.append((second, ecluse.memory("VmRSS"))))
        third = run["total"] / rate / 3
        thirds = [latencies([entry for entry in run["sets"] if part <= (entry[0] - run["start"]) / third < part + 1])
                  for part in range(3)]
        name = f"{minutes:g} minutes at {rate:.0f} sets/s, last third by the better before:"
        for figure, place in ((f"{name} p99, ms", 1), ("  p50, ms", 0)):
            last, best = thirds[2][place], min(thirds[0][place], thirds[1][place])
            report(figure, f"{last:.1f}", " and ".join(f"{part[place]:.1f}" for part in thirds[:2]), f"{last / best:.2f}",
                   "<= 1.5", last <= 1.5 * best)
        before = statistics.median(size for second, size in sizes if second < third)
        after = statistics.median(size for second, size in sizes if second >= 2 * third)
        report("  resident memory, MB", f"{after:.0f}", f"{before:.0f}", f"{after / before:.2f}", "<= 1.2",
               after <= 1.2 * before)
        late = run["seconds"] - run["total"] / rate
        report("  behind the rate at the end, s", f"{late:.1f}", "2", f"{late / 2:.2f}", "<= 1.0", late <= 2)
    finally:
        ecluse.close()
