"""What the benchmarks share: servers on loopback, signed sets, and the report."""

import datetime
import getpass
import json
import os
import resource
import shutil
import socket
import sqlite3
import statistics
import subprocess
import time

# Every figure reported so far.
figures = []
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# Another program can be tried, its figures are no figures: ECLUSE=.build/debug/ecluse Benchmarks/run web --quick
ECLUSE = os.environ.get("ECLUSE", os.path.join(ROOT, ".build/release/ecluse"))
# Keys and certificates of senders, made once for all instances of a run.
IDENTITIES = None
PASSWORD = "Polled-for-Bench-1"
TODAY = datetime.date.today()


def call(*command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, **options).stdout


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """Something that listens for SFTP: address, user, key, and where uploads go."""

    def sftp_command(self, key=None, user=None):
        return ["sftp", "-q", "-b", "-", "-P", str(self.port), "-i", key or self.key,
                "-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
                "-o", "LogLevel=ERROR", f"{user or self.user}@127.0.0.1"]

    def login(self, _):
        """User and key file of a sender, as native/load.c wants them."""
        return f"{self.user} {self.key}"

    def sftp(self, batch, key=None, user=None):
        process = subprocess.Popen(self.sftp_command(key, user), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
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

    def cpu(self):
        """Of the server and of all sessions that have ended."""
        return cpu_of(self.process.pid, with_children=True)

    def sessions(self):
        """Of clients, at present."""
        pid = self.process.pid
        return len(open(f"/proc/{pid}/task/{pid}/children").read().split())

    def close(self):
        self.process.terminate()
        self.process.wait()


class Ecluse(Server):
    """A fresh instance with `senders` senders that may send Dimona over `channels`."""

    def __init__(self, folder, senders, channels=("sftp",), key="rsa:2048", changes=()):
        self.folder, self.channels, self.signing = folder, channels, key.split()
        self.config = os.path.join(folder, "config/ecluse.yaml")
        web = ("--web", "127.0.0.1:0") if "web" in channels else ()
        call(ECLUSE, "init", folder, "--sftp", "127.0.0.1:0", *web, stderr=subprocess.DEVNULL)
        self.change(("file: 35 MB", "file: 2 GB"), ("set: 50 MB", "set: 3 GB"),
                    ("unsealedPerSender: 500 MB", "unsealedPerSender: 9 GB"), ("level: info", "level: warning"),
                    *changes)
        self.senders = [self.enrol(index) for index in range(senders)]
        self.user, self.key = self.senders[0]["user"], self.senders[0]["key"]
        self.process = None

    def login(self, sender):
        return f"{sender['user']} {sender['key']}"

    def start(self, **environment):
        """Starts the daemon and waits until it is ready."""
        self.log = open(os.path.join(self.folder, "log"), "w")
        ready = os.path.join(self.folder, "spool/run/ecluse.json")
        if os.path.exists(ready):
            os.remove(ready)
        files = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (files[1], files[1]))
        self.process = subprocess.Popen([ECLUSE, "serve", "--config", self.config], stderr=self.log,
                                        env={**os.environ, **environment})
        resource.setrlimit(resource.RLIMIT_NOFILE, files)
        wait_for(lambda: os.path.exists(ready) or self.process.poll() is not None)
        if self.process.poll() is not None:
            raise SystemExit(open(self.log.name).read())
        ports = {name: int(at.rsplit(":", 1)[1]) for name, at in json.load(open(ready)).items() if name != "pid"}
        self.port, self.web_port = ports["sftp"], ports.get("web")
        return self

    def change(self, *changes):
        text = open(self.config).read()
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new, 1)
        open(self.config, "w").write(text)

    def ecluse(self, *command, **options):
        return call(ECLUSE, *command, "--config", self.config, stderr=subprocess.DEVNULL, **options)

    def enrol(self, index):
        """Registers a sender with a key and a certificate of its own."""
        folder = make(IDENTITIES or self.folder, self.signing[0].replace(":", "-"))
        ca, base = os.path.join(folder, "ca"), os.path.join(folder, f"sender{index}")
        if not os.path.exists(ca + ".pem"):
            call("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                 "-keyout", ca + ".key", "-out", ca + ".pem", "-days", "2", "-subj", "/CN=Bench CA",
                 "-addext", "keyUsage=critical,keyCertSign,cRLSign", stderr=subprocess.DEVNULL)
        if index == 0:
            self.authority = ca + ".pem"
            self.ecluse("trust", "add", self.authority)
        if not os.path.exists(base + ".pub"):
            call("openssl", "req", "-newkey", *self.signing, "-nodes", "-keyout", base + ".key", "-out", base + ".csr",
                 "-subj", f"/CN=Bench {index}", stderr=subprocess.DEVNULL)
            call("openssl", "x509", "-req", "-in", base + ".csr", "-CA", ca + ".pem", "-CAkey", ca + ".key",
                 "-CAcreateserial", "-days", "1", "-out", base + ".pem", stderr=subprocess.DEVNULL)
            call("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", base)
        number, user = f"{6400 + index:06d}", f"EXPbench{index}"
        self.ecluse("sender", "add", "--number", number, "--user", user, "--name", f"Bench {index}",
                    "--enterprise", "0401234560")
        for channel in self.channels:
            options, password = [], None
            if channel == "sftp":
                options = ["--key", base + ".pub"]
            elif channel == "ftp":
                options, password = ["--password-stdin"], PASSWORD.encode() + b"\n"
            self.ecluse("sender", "channel", "add", number, channel, "--certificate", base + ".pem", *options,
                        "--application", "dimona", input=password)
        return {"number": number, "user": user, "key": base, "signing": base + ".key", "certificate": base + ".pem"}

    def processes(self):
        """The daemon and its workers."""
        return [self.process.pid] + [int(pid) for pid in os.listdir("/proc")
                                     if pid.isdigit() and stat(pid)[1:2] == [str(self.process.pid)]]

    def cpu(self):
        """Seconds used by the daemon and its workers, those that have ended among them."""
        daemon, *workers = self.processes()
        return cpu_of(daemon, with_children=True) + sum(map(cpu_of, workers))

    def sessions(self):
        """Connections of clients over SFTP, at present."""
        local = f":{self.port:04X} "
        return sum(local in line[:21] + " " and line.split()[3] == "01" for line in open("/proc/net/tcp"))

    def memory(self, field):
        """Of the daemon and its workers together: of peaks, what they would be if all were at the same time."""
        return sum(int(line.split()[1]) / 1000 for pid in self.processes()
                   for line in open(f"/proc/{pid}/status") if line.startswith(field + ":"))

    def reset_peak(self):
        for pid in self.processes():
            open(f"/proc/{pid}/clear_refs", "w").write("5")

    def rows(self):
        text = self.ecluse("queue", "list", "--all", "--json").decode()
        return [json.loads(line) for line in text.splitlines()]

    def settled(self, total):
        """Ends the run unless `total` sets came, each was accepted, and each has one published receipt of its own."""
        wait_for(lambda: published(self.outbox) >= total, pause=0.1)
        wait_for(lambda: not self.ecluse("queue", "list", "--waiting", "--json").strip(), pause=0.2)
        rows = self.rows()
        odd = [row for row in rows if row["codes"] or row["state"] != "routed"]
        receipts = {(row["sender"], row["receipt"]) for row in rows}
        if odd or not len(rows) == len(receipts) == published(self.outbox) == total:
            raise SystemExit(f"{len(rows)} sets and {len(receipts)} receipts of {total}, {len(odd)} odd: {odd[:1]}")
        return rows

    def query(self, sql, *values):
        """Rows of the ledger, which the daemon may be writing."""
        ledger = sqlite3.connect(f"file:{self.folder}/spool/ledger.sqlite?mode=ro", uri=True, timeout=30)
        try:
            return ledger.execute(sql, values).fetchall()
        finally:
            ledger.close()

    def last(self):
        """The sequence number of the newest set; 0 without any."""
        return self.query("SELECT max(seq) FROM fileSet")[0][0] or 0

    def count(self):
        """Receipts published so far: one place on the shelves for each."""
        return sum(place - 1 for place, in self.query("SELECT next FROM counter WHERE name = 'shelf'"))

    def is_answered(self, total):
        """True when that many receipts were published and nothing waits any more."""
        if self.count() < total:
            return False
        return not self.query("SELECT 1 FROM fileSet WHERE state IN ('received', 'accepted') LIMIT 1")

    @property
    def outbox(self):
        return os.path.join(self.folder, "spool/outbox")

    def close(self):
        if self.process:
            self.process.terminate()
            self.process.wait()


def stat(process):
    """The fields after the name, from the state on; none when it has gone."""
    try:
        return open(f"/proc/{process}/stat").read().rsplit(")", 1)[1].split()
    except OSError:
        return []


def cpu_of(process, with_children=False):
    """Seconds a process has used, and those of its children that have ended; 0 when it has gone."""
    return sum(map(int, stat(process)[11:15 if with_children else 13])) / os.sysconf("SC_CLK_TCK")


def is_open(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_for(condition, seconds=600, pause=0.02):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise SystemExit("gave up waiting")
        time.sleep(pause)


def timed(*processes, status=0):
    begin = time.monotonic()
    for process in [make() for make in processes]:
        if process.wait() != status:
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


def signed_sets(sender, folder, count, size, first=1):
    """Writes and signs `count` sets; returns their stems."""
    os.makedirs(folder, exist_ok=True)
    stems = []
    for sequence in range(first, first + count):
        stem = f"DIMN.{sender['number']}.{TODAY:%Y%m%d}.{sequence:05d}.R.1"
        with open(os.path.join(folder, f"FI.{stem}.1"), "w") as file:
            file.writelines(dimona(size))
        stems.append(stem)
    for begin in range(0, count, 500):
        files = [os.path.join(folder, f"FI.{stem}.1") for stem in stems[begin:begin + 500]]
        sign(files, sender)
    return stems


def sign(files, sender):
    call(ECLUSE, "sign", *files, "--key", sender["signing"], "--certificate", sender["certificate"],
         stderr=subprocess.DEVNULL)


def batch(folder, stems):
    lines = ["cd IN", f"lcd {folder}"]
    for stem in stems:
        lines += [f"put FI.{stem}.1", f"put FS.{stem}.1", f"put GO.{stem}"]
    return "\n".join(lines) + "\n"


def report(figure, ours, peer, ratio="", aim="", good=True):
    """One figure. With an aim it counts; without one it explains the figure above."""
    figures.append((figure, ours, peer, ratio, aim, good))
    line(*figures[-1])


def line(figure, ours, peer, ratio, aim, good=None):
    verdict = "" if not aim or good is None else "met" if good else "NOT MET"
    print(f"{figure:52} {ours:>18} {peer:>26} {ratio:>7} {aim:>10} {verdict}".rstrip(), flush=True)


def published(outbox):
    return sum(1 for folder, _, files in os.walk(outbox) for file in files if file.startswith("GO."))


def compare(figure, rates, aim):
    ours, theirs = statistics.median(rates["ours"]), statistics.median(rates["theirs"])
    report(figure, f"{ours:.0f}", f"OpenSSH {theirs:.0f}", f"{ours / theirs:.2f}", f">= {aim}", ours >= aim * theirs)


def received(row):
    return datetime.datetime.fromisoformat(row["receivedAt"].replace("Z", "+00:00")).timestamp()


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
