"""First figures of Écluse, each beside a peer or a limit measured in the same run.

  intake   SFTP uploads of one large file and of many small ones, against OpenSSH's server
  job      signed 20 KB Dimona sets from 8 SFTP connections to the published receipt
  memory   the daemon's peak while 35 MB and 1 GB sets pass, against its idle size

Usage: Benchmarks/run [intake] [job] [memory] [--quick]
"""

import argparse
import datetime
import getpass
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

missed = []
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ECLUSE = os.path.join(ROOT, ".build/release/ecluse")
TODAY = datetime.date.today()


def call(*command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, **options).stdout


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """Something that listens for SFTP: address, user, key, and where uploads go."""

    def sftp(self, batch, key=None, user=None):
        command = ["sftp", "-q", "-b", "-", "-P", str(self.port), "-i", key or self.key,
                   "-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
                   "-o", "LogLevel=ERROR", f"{user or self.user}@127.0.0.1"]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        process.stdin.write(batch.encode())
        process.stdin.close()
        return process


class OpenSSH(Server):
    def __init__(self, folder):
        self.folder = folder
        self.target = os.path.join(folder, "upload")
        os.makedirs(self.target)
        self.user = getpass.getuser()
        self.key = os.path.join(folder, "client")
        for name in ("client", "host"):
            call("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", os.path.join(folder, name))
        shutil.copy(self.key + ".pub", os.path.join(folder, "authorized"))
        self.port = free_port()
        if os.getuid() == 0:
            os.makedirs("/run/sshd", exist_ok=True)
        with open(os.path.join(folder, "sshd_config"), "w") as file:
            file.write(f"""Port {self.port}
ListenAddress 127.0.0.1
HostKey {folder}/host
AuthorizedKeysFile {folder}/authorized
PidFile {folder}/pid
StrictModes no
UsePAM no
MaxStartups 100
Subsystem sftp /usr/lib/openssh/sftp-server
""")
        self.process = subprocess.Popen(
            ["/usr/sbin/sshd", "-D", "-f", os.path.join(folder, "sshd_config")], stderr=subprocess.DEVNULL)
        wait_for(lambda: is_open(self.port))

    def close(self):
        self.process.terminate()
        self.process.wait()


class Ecluse(Server):
    """A fresh instance with `senders` senders that may send Dimona."""

    def __init__(self, folder, senders):
        self.folder = folder
        self.config = os.path.join(folder, "config/ecluse.yaml")
        call(ECLUSE, "init", folder, "--sftp", "127.0.0.1:0", stderr=subprocess.DEVNULL)
        text = open(self.config).read()
        for old, new in (("file: 35 MB", "file: 2 GB"), ("set: 50 MB", "set: 3 GB"),
                         ("unsealedPerSender: 500 MB", "unsealedPerSender: 9 GB"), ("level: info", "level: warning")):
            assert old in text, old
            text = text.replace(old, new, 1)
        open(self.config, "w").write(text)
        self.senders = [self.enrol(index) for index in range(senders)]
        self.user, self.key = self.senders[0]["user"], self.senders[0]["key"]
        self.log = open(os.path.join(folder, "log"), "w")
        self.process = subprocess.Popen([ECLUSE, "serve", "--config", self.config], stderr=self.log)
        ready = os.path.join(folder, "spool/run/ecluse.json")
        wait_for(lambda: os.path.exists(ready))
        self.port = int(json.load(open(ready))["sftp"].rsplit(":", 1)[1])

    def ecluse(self, *command):
        return call(ECLUSE, *command, "--config", self.config, stderr=subprocess.DEVNULL)

    def enrol(self, index):
        base = os.path.join(self.folder, f"sender{index}")
        ca = os.path.join(self.folder, "ca")
        if not os.path.exists(ca + ".pem"):
            call("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                 "-keyout", ca + ".key", "-out", ca + ".pem", "-days", "2", "-subj", "/CN=Bench CA",
                 "-addext", "keyUsage=critical,keyCertSign,cRLSign", stderr=subprocess.DEVNULL)
            self.ecluse("trust", "add", ca + ".pem")
        call("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout", base + ".key", "-out", base + ".csr",
             "-subj", f"/CN=Bench {index}", stderr=subprocess.DEVNULL)
        call("openssl", "x509", "-req", "-in", base + ".csr", "-CA", ca + ".pem", "-CAkey", ca + ".key",
             "-CAcreateserial", "-days", "1", "-out", base + ".pem", stderr=subprocess.DEVNULL)
        call("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", base)
        number, user = f"{6400 + index:06d}", f"EXPbench{index}"
        self.ecluse("sender", "add", "--number", number, "--user", user, "--name", f"Bench {index}",
                    "--enterprise", "0401234560")
        self.ecluse("sender", "channel", "add", number, "sftp", "--certificate", base + ".pem", "--key", base + ".pub",
                    "--application", "dimona")
        return {"number": number, "user": user, "key": base, "signing": base + ".key", "certificate": base + ".pem"}

    def cpu(self):
        fields = open(f"/proc/{self.process.pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self, field):
        for line in open(f"/proc/{self.process.pid}/status"):
            if line.startswith(field + ":"):
                return int(line.split()[1]) / 1000

    def reset_peak(self):
        open(f"/proc/{self.process.pid}/clear_refs", "w").write("5")

    def rows(self):
        text = self.ecluse("queue", "list", "--all", "--json").decode()
        return [json.loads(line) for line in text.splitlines()]

    def close(self):
        self.process.terminate()
        self.process.wait()


def is_open(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_for(condition, seconds=600):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise SystemExit("gave up waiting")
        time.sleep(0.02)


def timed(*processes):
    begin = time.monotonic()
    for process in [make() for make in processes]:
        if process.wait() != 0:
            raise SystemExit("a client failed")
    return time.monotonic() - begin


def dimona(size):
    """A valid Dimona of at least `size` bytes, in pieces."""
    form = f"""  <Form>
    <Identification>DIMONA</Identification><FormCreationDate>{TODAY}</FormCreationDate>
    <FormCreationHour>10:15:00.000</FormCreationHour><AttestationStatus>0</AttestationStatus><TypeForm>SU</TypeForm>
    <DimonaIn>
      <StartingDate>{TODAY}</StartingDate>
      <EmployerId><NOSSRegistrationNbr>123456749</NOSSRegistrationNbr></EmployerId>
      <NaturalPerson><INSS>85073003328</INSS></NaturalPerson>
      <DimonaFeatures><JointCommissionNbr>XXX</JointCommissionNbr><WorkerType>OTH</WorkerType></DimonaFeatures>
    </DimonaIn>
  </Form>
"""
    head = ('<?xml version="1.0" encoding="UTF-8"?>\n<Dimona xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            'xsi:noNamespaceSchemaLocation="Dimona_20231.xsd">\n')
    count = max(1, -(-(size - len(head)) // len(form)))
    yield head
    while count > 0:
        batch = min(count, 1000)
        yield form * batch
        count -= batch
    yield "</Dimona>\n"


def signed_sets(ecluse, sender, folder, count, size):
    """Writes and signs `count` sets; returns their stems."""
    os.makedirs(folder, exist_ok=True)
    stems = []
    for sequence in range(1, count + 1):
        stem = f"DIMN.{sender['number']}.{TODAY:%Y%m%d}.{sequence:05d}.R.1"
        with open(os.path.join(folder, f"FI.{stem}.1"), "w") as file:
            file.writelines(dimona(size))
        stems.append(stem)
    for begin in range(0, count, 500):
        files = [os.path.join(folder, f"FI.{stem}.1") for stem in stems[begin:begin + 500]]
        call(ECLUSE, "sign", *files, "--key", sender["signing"], "--certificate", sender["certificate"],
             stderr=subprocess.DEVNULL)
    return stems


def batch(folder, stems):
    lines = ["cd IN", f"lcd {folder}"]
    for stem in stems:
        lines += [f"put FI.{stem}.1", f"put FS.{stem}.1", f"put GO.{stem}"]
    return "\n".join(lines) + "\n"


def report(figure, ours, peer, ratio, aim, good):
    if not good:
        missed.append(figure)
    print(f"{figure:44} {ours:>18} {peer:>22} {ratio:>8} {aim:>16} {'met' if good else 'NOT MET'}", flush=True)


def bench_intake(work, quick):
    ecluse, openssh = Ecluse(os.path.join(work, "intake"), 1), OpenSSH(make(work, "sshd"))
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


def compare(figure, rates):
    ours, theirs = statistics.median(rates["ours"]), statistics.median(rates["theirs"])
    report(figure, f"{ours:.0f}", f"OpenSSH {theirs:.0f}", f"{ours / theirs:.2f}", ">= 1.0", ours >= theirs)


def bench_job(work, quick):
    connections, each = 8, 100 if quick else 500
    ecluse = Ecluse(os.path.join(work, "job"), connections)
    try:
        folders = [os.path.join(work, f"sets{index}") for index in range(connections)]
        batches = [batch(folder, signed_sets(ecluse, sender, folder, each, 20_000))
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


def published(outbox):
    return sum(1 for folder, _, files in os.walk(outbox) for file in files if file.startswith("GO."))


def latency(ecluse, row):
    """From the moment the set was sealed to the rename that made the receipt's GO visible (its ctime)."""
    go = os.path.join(ecluse.folder, "spool/outbox", row["sender"], "OUT", "GO" + row["receipt"][2:])
    sealed = datetime.datetime.fromisoformat(row["receivedAt"].replace("Z", "+00:00")).timestamp()
    return os.stat(go).st_ctime - sealed


def bench_memory(work, quick):
    ecluse = Ecluse(os.path.join(work, "memory"), 1)
    try:
        sender = ecluse.senders[0]
        warm = os.path.join(work, "warm")
        submit(ecluse, warm, signed_sets(ecluse, sender, warm, 1, 20_000), 1)
        idle = ecluse.memory("VmRSS")
        for index, (name, size) in enumerate([("35 MB", 34_900_000)] + ([] if quick else [("1 GB", 1_000_000_000)])):
            folder = os.path.join(work, f"large{index}")
            stems = signed_sets(ecluse, sender, folder, index + 2, 20_000)[-1:]
            with open(os.path.join(folder, f"FI.{stems[0]}.1"), "w") as file:
                file.writelines(dimona(size))
            call(ECLUSE, "sign", os.path.join(folder, f"FI.{stems[0]}.1"), "--key", sender["signing"],
                 "--certificate", sender["certificate"], stderr=subprocess.DEVNULL)
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


def make(*path):
    folder = os.path.join(*path)
    os.makedirs(folder, exist_ok=True)
    return folder


def fsync_rate(work):
    path = os.path.join(work, "probe")
    with open(path, "wb") as file:
        begin, count = time.monotonic(), 0
        while time.monotonic() - begin < 1:
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
            count += 1
    os.remove(path)
    return count


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", default=["intake", "job", "memory"])
    parser.add_argument("--quick", action="store_true", help="smaller amounts")
    options = parser.parse_args()
    if not os.path.exists(ECLUSE):
        sys.exit("no release build; run make release first")
    work = tempfile.mkdtemp(prefix="ecluse-bench-")
    try:
        print(f"{os.cpu_count()} cores, {fsync_rate(work)} fsync/s of 4 KB")
        print(f"{'figure':44} {'ours':>18} {'peer or limit':>22} {'ratio':>8} {'aim':>16}")
        for part in options.parts:
            {"intake": bench_intake, "job": bench_job, "memory": bench_memory}[part](work, options.quick)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    if missed:
        sys.exit("not met: " + "; ".join(missed))


main()
