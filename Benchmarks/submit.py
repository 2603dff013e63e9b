"""The client: many sets of one sender over one connection."""

import os
import statistics
import subprocess

from rig import ECLUSE, Ecluse, batch, call, report, signed_sets, timed


def submit(work, quick):
    """`ecluse submit` and OpenSSH's sftp in turns, each with sets of its own: FI, FS and GO of one after the other."""
    count, turns = 100 if quick else 1000, 2 if quick else 3
    ecluse = Ecluse(os.path.join(work, "submit"), 1).start()
    try:
        sender = ecluse.senders[0]
        key = call("ssh-keygen", "-l", "-f", os.path.join(ecluse.folder, "config/keys/ssh_host_ed25519_key.pub"))
        target = f"sftp://{sender['user']}@127.0.0.1:{ecluse.port}"
        folders = [os.path.join(work, f"sets{turn}") for turn in range(2 * turns)]
        stems = [signed_sets(sender, folder, count, 20_000, first=turn * count + 1)
                 for turn, folder in enumerate(folders)]
        rates = {"ours": [], "theirs": []}
        total = 0
        for turn in range(turns):
            command = [ECLUSE, "submit", folders[2 * turn], "--to", target, "--identity", sender["key"], "--host-key",
                       key.split()[1].decode(), "--parallel", "1", "--wait", "0", "--quiet"]
            # 75: sent, and no receipt was waited for.
            seconds = timed(lambda: subprocess.Popen(command, stdout=subprocess.DEVNULL), status=75)
            rates["ours"].append(count / seconds)
            total += count
            ecluse.settled(total)
            lines = batch(folders[2 * turn + 1], stems[2 * turn + 1])
            rates["theirs"].append(count / timed(lambda: ecluse.sftp(lines)))
            total += count
            ecluse.settled(total)
        ours, theirs = statistics.median(rates["ours"]), statistics.median(rates["theirs"])
        report(f"submit, {count} sets of 20 KB, sets/s", f"{ours:.0f}", f"OpenSSH sftp {theirs:.0f}",
               f"{ours / theirs:.2f}", ">= 1.0", ours >= theirs)
    finally:
        ecluse.close()
