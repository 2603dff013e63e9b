"""Figures of Écluse, each beside a peer or a limit measured in the same run.

  intake   SFTP uploads of one large file and of many small ones, against OpenSSH's server
  job      signed 20 KB Dimona sets from 8 SFTP connections to the published receipt
  peer     the same from watched folders, against a straightforward Python program that does the same job
  memory   the daemon's peak while 35 MB and 1 GB sets pass, against its idle size
  web      signed 20 KB sets over 64 connections of the web service, against the same over 64 SFTP sessions
  large    the daemon's peak while 1 GB goes through the web service in four ways, against its idle size
  polling  2,000 sets in 200 accounts of ProFTPD taken and answered, against lftp
  workers  signed sets judged in worker processes, against the same judged in the daemon's own process
  submit   1,000 sets by one `ecluse submit` over one connection, against OpenSSH's sftp

Usage: Benchmarks/run [intake] [job] [peer] [memory] [web] [large] [polling] [workers] [submit] [--quick]
"""

import argparse
import os
import shutil
import sys
import tempfile

import peer
import polling
import rig
import sftp
import submit
import web
import workers

PARTS = {"intake": sftp.intake, "job": sftp.job, "peer": peer.peer, "memory": sftp.memory, "web": web.web, "large": web.large,
         "polling": polling.polling, "workers": workers.workers, "submit": submit.submit}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", help="of those above; all of them by default")
    parser.add_argument("--quick", action="store_true", help="smaller amounts")
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(unknown)}")
    if not os.path.exists(rig.ECLUSE):
        sys.exit("no release build; run make release first")
    work = tempfile.mkdtemp(prefix="ecluse-bench-")
    try:
        print(f"{os.cpu_count()} cores, {rig.fsync_rate(work)} fsync/s of 4 KB")
        print(f"{'figure':44} {'ours':>18} {'peer or limit':>22} {'ratio':>8} {'aim':>16}")
        for part in options.parts or PARTS:
            PARTS[part](rig.make(work, "run"), options.quick)
            shutil.rmtree(os.path.join(work, "run"))
    finally:
        shutil.rmtree(work, ignore_errors=True)
    if rig.missed:
        sys.exit("not met: " + "; ".join(rig.missed))


main()
