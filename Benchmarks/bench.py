"""Figures of Écluse, each beside a peer or a limit measured in the same run.

  job       signed 20 KB Dimona sets over 8 and 64 SFTP connections to the published receipt: rate, and the daemon's CPU
            beside the bare costs of the steps
  peer      the same from watched folders, and over SFTP, against a straightforward Python program that does the same job
  slow      the same over 64 connections with every sync taking 5 ms
  latency   GO to receipt visible at half of the rate of `job`
  intake    SFTP uploads of one large file and of many small ones, against OpenSSH's server
  memory    the daemon's peak while 35 MB and 1 GB sets pass, against its idle size
  sessions  the daemon's size with 1,000 idle SFTP sessions
  restart   ready again after kill -9, with 1,000,000 sets in the ledger and 100,000 of them waiting
  size      the rate with 100,000 registered senders and 5,000,000 sets in the ledger, against the empty ones
  soak      ten minutes at 80 % of the rate of `job`: latencies and memory of the last third against the first
  web       signed 20 KB sets over 64 connections of the web service
  large     the daemon's peak while 1 GB goes through the web service in four ways, against its idle size
  polling   2,000 sets in 200 accounts of ProFTPD taken and answered, against lftp
  workers   signed sets judged in worker processes, against the same judged in the daemon's own process
  submit    1,000 sets by one `ecluse submit` over one connection, against OpenSSH's sftp
  neighbour an honest sender beside others who load the server, against the same sender alone; only when asked for

Usage: Benchmarks/run [PART...] [--quick] [--minutes N]
"""

import argparse
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import job
import neighbour
import pace
import peer
import polling
import rig
import scale
import sftp
import submit
import web
import workers

PARTS = {"job": job.job, "peer": peer.peer, "slow": job.slow_disk, "latency": pace.latency, "intake": sftp.intake,
         "memory": sftp.memory, "sessions": sftp.sessions, "restart": scale.restart, "size": scale.size,
         "soak": pace.soak, "web": web.web, "large": web.large, "polling": polling.polling, "workers": workers.workers,
         "submit": submit.submit, "neighbour": neighbour.neighbour}

# Not among "all of them": a load test of minutes, with 1,000 clients.
ON_REQUEST = {"neighbour"}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", help="of those above; all of them but neighbour by default")
    parser.add_argument("--quick", action="store_true", help="smaller amounts")
    parser.add_argument("--minutes", type=float, help="of soak; 10, or 1 with --quick")
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(unknown)}")
    if not os.path.exists(rig.ECLUSE):
        sys.exit("no release build; run make release first")
    pace.minutes = options.minutes or (1 if options.quick else 10)
    # So that what is running ends and what lies there goes.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    work = tempfile.mkdtemp(prefix="ecluse-bench-")
    rig.IDENTITIES = rig.make(work, "identities")
    failed = []
    try:
        machine = facts(work)
        print(machine)
        rig.line("figure", "ours", "peer or limit", "ratio", "aim")
        for part in options.parts or [part for part in PARTS if part not in ON_REQUEST]:
            try:
                PARTS[part](rig.make(work, "run"), options.quick)
            except (SystemExit, OSError, subprocess.SubprocessError) as fault:
                failed.append(part)
                print(f"{part}: {fault}", flush=True)
            shutil.rmtree(os.path.join(work, "run"))
            forget(work)
        summarise(machine, options.quick)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    missed = [figure[0].strip() for figure in rig.figures if not figure[-1]]
    words = [f"{what}: {'; '.join(names)}" for what, names in (("failed", failed), ("not met", missed)) if names]
    if words:
        sys.exit("\n".join(words))


def forget(work):
    """The files of a part are gone, and that is no work of the next one: ext4 without a journal takes no inode again in the
    first minute, and passes over each of them."""
    rig.call("sync")
    if file_system(work) == "ext4":
        time.sleep(65)


def file_system(work):
    return rig.call("df", "--output=fstype", work).decode().split()[-1]


def facts(work):
    return (f"{time.strftime('%Y-%m-%d %H:%M')}, {os.cpu_count()} cores, Linux {platform.release()}, {file_system(work)}, "
            f"{rig.fsync_rate(work)} fsync/s of 4 KB")


def summarise(machine, quick):
    """All figures that have an aim, one line each."""
    print(f"\n{machine}{', small amounts' if quick else ''}")
    rig.line("figure", "ours", "peer or limit", "ratio", "aim")
    for figure in rig.figures:
        if figure[4]:
            rig.line(*figure)


main()
