"""Our SFTP server: intake, the whole job, memory."""

import os
import shutil
import time

from rig import (Ecluse, OpenSSH, batch, compare, dimona, make, published, received, report, sign, signed_sets, timed,
                 wait_for)


def intake(work, quick):
    ecluse, openssh = Ecluse(os.path.join(work, "intake"), 1).start(), OpenSSH(make(work, "sshd"))
    try:
        megabytes = 100 if quick else 500
        large = os.path.join(work, "large.tmp")
        with open(large, "wb") as file:
            for _ in range(megabytes):
                file.write(os.urandom(1_000_000))
        rates = {"ours": [], "theirs": []}
        for turn in range(3):
            seconds = timed(lambda: openssh.sftp(f"put {large} {openssh.target}/large{turn}\n"))
            rates["theirs"].append(megabytes / seconds)
            seconds = timed(lambda: ecluse.sftp(f"put {large} IN/large{turn}.tmp\nrm IN/large{turn}.tmp\n"))
            rates["ours"].append(megabytes / seconds)
            os.remove(f"{openssh.target}/large{turn}")
        compare(f"intake, one file of {megabytes} MB, MB/s", rates)

        count = 500 if quick else 5000
        small = make(work, "small")
        for index in range(count):
            with open(os.path.join(small, f"n{index:05d}.tmp"), "wb") as file:
                file.write(os.urandom(20_000))
        rates = {"ours": [], "theirs": []}
        for turn in range(2):
            target = make(openssh.target, f"small{turn}")
            seconds = timed(lambda: openssh.sftp(f"cd {target}\nlcd {small}\nput *\n"))
            rates["theirs"].append(count / seconds)
            # A fresh directory each turn, like the peer's: ext4 without journal is slow to create where it just deleted.
            mailbox = ("IN", "INTEST")[turn]
            seconds = timed(lambda: ecluse.sftp(f"cd {mailbox}\nlcd {small}\nput *\n"))
            rates["ours"].append(count / seconds)
        compare(f"intake, {count} files of 20 KB, files/s", rates)
    finally:
        ecluse.close()
        openssh.close()


def job(work, quick):
    connections, each = 8, 100 if quick else 500
    ecluse = Ecluse(os.path.join(work, "job"), connections).start()
    try:
        folders = [os.path.join(work, f"sets{index}") for index in range(connections)]
        batches = [batch(folder, signed_sets(sender, folder, each, 20_000))
                   for folder, sender in zip(folders, ecluse.senders)]
        total = connections * each
        outbox = os.path.join(ecluse.folder, "spool/outbox")
        cpu = ecluse.cpu()
        begin = time.monotonic()
        clients = [ecluse.sftp(text, key=sender["key"], user=sender["user"])
                   for text, sender in zip(batches, ecluse.senders)]
        for client in clients:
            if client.wait() != 0:
                raise SystemExit("a client failed")
        uploaded = time.monotonic() - begin
        wait_for(lambda: published(outbox) >= total)
        seconds = time.monotonic() - begin
        cpu = ecluse.cpu() - cpu
        time.sleep(1)
        rows = ecluse.rows()
        refused = [row for row in rows if row["codes"]]
        if refused or len(rows) != total:
            raise SystemExit(f"{len(rows)} of {total} sets, {len(refused)} refused: {refused[:1]}")
        latencies = sorted(latency(ecluse, row) for row in rows)
        p50, p99 = latencies[len(latencies) // 2], latencies[len(latencies) * 99 // 100]
        rate = total / seconds
        report("whole job, 20 KB signed sets, sets/s", f"{rate:.0f}", "aim 500", f"{rate / 500:.2f}", ">= 1.0",
               rate >= 500)
        report("  daemon CPU per set, ms", f"{cpu / total * 1000:.2f}", f"uploads {total / uploaded:.0f}/s", "", "", True)
        report("  GO sealed to receipt visible, ms", f"p50 {p50 * 1000:.0f}", f"p99 {p99 * 1000:.0f}", "", "", True)
    finally:
        ecluse.close()


def latency(ecluse, row):
    """From the moment the set was sealed to the rename that made the receipt's GO visible (its ctime)."""
    go = os.path.join(ecluse.folder, "spool/outbox", row["sender"], "OUT", "GO" + row["receipt"][2:])
    return os.stat(go).st_ctime - received(row)


def memory(work, quick):
    ecluse = Ecluse(os.path.join(work, "memory"), 1).start()
    try:
        sender = ecluse.senders[0]
        warm = os.path.join(work, "warm")
        submit(ecluse, warm, signed_sets(sender, warm, 1, 20_000), 1)
        idle = ecluse.memory("VmRSS")
        for index, (name, size) in enumerate([("35 MB", 34_900_000)] + ([] if quick else [("1 GB", 1_000_000_000)])):
            folder = os.path.join(work, f"large{index}")
            stems = signed_sets(sender, folder, index + 2, 20_000)[-1:]
            with open(os.path.join(folder, f"FI.{stems[0]}.1"), "w") as file:
                file.writelines(dimona(size))
            sign([os.path.join(folder, f"FI.{stems[0]}.1")], sender)
            ecluse.reset_peak()
            submit(ecluse, folder, stems, index + 2)
            peak = ecluse.memory("VmHWM")
            report(f"memory while {name} passes, MB above idle", f"{peak - idle:.0f}", f"idle {idle:.0f}, peak {peak:.0f}",
                   f"{(peak - idle) / 64:.2f}", "<= 64 MB", peak - idle <= 64)
            refused = [row for row in ecluse.rows() if row["codes"]]
            if refused:
                raise SystemExit(f"refused: {refused[:1]}")
            shutil.rmtree(folder)
    finally:
        ecluse.close()


def submit(ecluse, folder, stems, total):
    if ecluse.sftp(batch(folder, stems)).wait() != 0:
        raise SystemExit("a client failed")
    wait_for(lambda: published(os.path.join(ecluse.folder, "spool/outbox")) >= total)
