"""Our SFTP server: intake and memory."""

import os
import shutil

from load import Load
from rig import (Ecluse, OpenSSH, batch, compare, dimona, make, published, report, sign, signed_sets, timed,
                 wait_for)


def intake(work, quick):
    """Each upload begins with nothing left to be written by the ones before."""
    ecluse, openssh = Ecluse(os.path.join(work, "intake"), 1).start(), OpenSSH(make(work, "sshd"))
    try:
        megabytes = 100 if quick else 500
        large = os.path.join(work, "large.tmp")
        with open(large, "wb") as file:
            for _ in range(megabytes):
                file.write(os.urandom(1_000_000))
        rates = {"ours": [], "theirs": []}
        for turn in range(5):
            os.sync()
            seconds = timed(lambda: openssh.sftp(f"put {large} {openssh.target}/large{turn}\n"))
            rates["theirs"].append(megabytes / seconds)
            os.sync()
            seconds = timed(lambda: ecluse.sftp(f"put {large} IN/large{turn}.tmp\nrm IN/large{turn}.tmp\n"))
            rates["ours"].append(megabytes / seconds)
            os.remove(f"{openssh.target}/large{turn}")
        compare(f"intake, one file of {megabytes} MB, MB/s", rates, 1.5)

        count = 500 if quick else 5000
        small = make(work, "small")
        for index in range(count):
            with open(os.path.join(small, f"n{index:05d}.tmp"), "wb") as file:
                file.write(os.urandom(20_000))
        rates = {"ours": [], "theirs": []}
        for turn in range(3):
            os.sync()
            target = make(openssh.target, f"small{turn}")
            seconds = timed(lambda: openssh.sftp(f"cd {target}\nlcd {small}\nput *\n"))
            rates["theirs"].append(count / seconds)
            # A fresh directory each turn, like the peer's: ext4 without journal is slow to create where it just deleted.
            mailbox = ("IN", "INTEST", "INTEST-S")[turn]
            os.sync()
            seconds = timed(lambda: ecluse.sftp(f"cd {mailbox}\nlcd {small}\nput *\n"))
            rates["ours"].append(count / seconds)
        compare(f"intake, {count} files of 20 KB, files/s", rates, 2.0)
    finally:
        ecluse.close()
        openssh.close()


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
            report(f"memory while {name} passes, MB above idle", f"{peak - idle:.0f}", f"64 (idle {idle:.0f})",
                   f"{(peak - idle) / 64:.2f}", "<= 1.0", peak - idle <= 64)
            refused = [row for row in ecluse.rows() if row["codes"]]
            if refused:
                raise SystemExit(f"refused: {refused[:1]}")
            shutil.rmtree(folder)
    finally:
        ecluse.close()


def sessions(work, quick):
    """Idle sessions, logged in and with their handshake of SFTP done."""
    count = 100 if quick else 1000
    limits = (("sessions: 1000 ", "sessions: 1100 "), ("sessionsPerAddress: 100 ", "sessionsPerAddress: 1100 "))
    ecluse = Ecluse(os.path.join(work, "sessions"), 20, changes=limits).start()
    try:
        with Load(work, ecluse, ecluse.senders, 1, 1) as load:
            load.run()
        ecluse.settled(1)
        idle = ecluse.memory("VmRSS")
        with Load(work, ecluse, ecluse.senders, count, 0):
            if ecluse.sessions() != count:
                raise SystemExit(f"{ecluse.sessions()} sessions of {count}")
            size = ecluse.memory("VmRSS")
            report(f"memory of {count} idle sessions, MB", f"{size - idle:.0f}", f"150 (idle {idle:.0f})",
                   f"{(size - idle) / 150:.2f}", "<= 1.0", size - idle <= 150)
            report("  of one session, KB", f"{(size - idle) * 1000 / count:.0f}", "")
    finally:
        ecluse.close()


def submit(ecluse, folder, stems, total):
    if ecluse.sftp(batch(folder, stems)).wait() != 0:
        raise SystemExit("a client failed")
    wait_for(lambda: published(os.path.join(ecluse.folder, "spool/outbox")) >= total)
