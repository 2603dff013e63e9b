"""An honest sender beside others who load the server: how long its log-ins, uploads and receipts take."""

import contextlib
import itertools
import os
import resource
import selectors
import socket
import subprocess
import threading
import time

from rig import Ecluse, TODAY, make, report, signed_sets

# Other senders, enough for 1,000 sessions of at most 50 each, and addresses for at most 100 each.
OTHERS, ADDRESSES = 21, [f"127.0.1.{number}" for number in range(1, 41)]
SESSIONS = 1000


class Honest:
    """A sender with one session that stays open, who sends a set now and then and waits for its receipt."""

    def __init__(self, ecluse, folder, stems):
        self.ecluse, self.folder, self.stems = ecluse, folder, iter(stems)
        self.outbox = os.path.join(ecluse.outbox, ecluse.senders[0]["number"], "OUT")
        self.process = subprocess.Popen(ecluse.sftp_command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.do(f"cd IN\nlcd {folder}\n")

    def do(self, commands):
        self.process.stdin.write((commands + "lpwd\n").encode())
        self.process.stdin.flush()
        while not (line := self.process.stdout.readline()).startswith(b"Local working directory"):
            if not line:
                raise SystemExit("the honest sender lost its session")

    def receipts(self):
        return sum(name.startswith("GO.") for name in os.listdir(self.outbox)) if os.path.isdir(self.outbox) else 0

    def send(self):
        """Seconds of the upload with its GO answered, and from there to the receipt."""
        stem, before = next(self.stems), self.receipts()
        begin = time.monotonic()
        self.do(f"put FI.{stem}.1\nput FS.{stem}.1\nput GO.{stem}\n")
        sent = time.monotonic()
        while self.receipts() == before:
            if time.monotonic() - sent > 120:
                raise SystemExit("the honest sender got no receipt")
            time.sleep(0.0005)
        return sent - begin, time.monotonic() - sent

    def log_in(self):
        begin = time.monotonic()
        if self.ecluse.sftp("pwd\n").wait() != 0:
            raise SystemExit("the honest sender could not log in")
        return time.monotonic() - begin

    def measure(self, count):
        """The 99th percentile of upload and receipt, and the slowest log-in but one."""
        times, log_ins = [], []
        for number in range(count):
            times.append(self.send())
            if number % 8 == 0:
                log_ins.append(self.log_in())
            time.sleep(0.03)
        return {"upload": p99(time[0] for time in times), "receipt": p99(time[1] for time in times),
                "log-in": sorted(log_ins)[-2]}

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def p99(times):
    times = sorted(times)
    return times[-1 - len(times) // 100]


class Strangers:
    """Connections that never log in: as many as wanted, opened anew when the server ends them. Each sends `opening`, then
    a byte of `drip` a second."""

    def __init__(self, port, count, opening=b"", drip=b""):
        self.port, self.count, self.opening, self.drip = port, count, opening, itertools.cycle(drip) if drip else None
        self.selector, self.sockets, self.stopping = selectors.DefaultSelector(), set(), False
        self.most, self.opened = 0, 0
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        self.thread.start()
        end = time.monotonic() + 30
        while len(self.sockets) < self.count * 0.9 and time.monotonic() < end:
            time.sleep(0.1)
        return self

    def run(self):
        address, dripped = itertools.cycle(ADDRESSES), time.monotonic()
        while not self.stopping:
            # 500 attempts a second at the most: what is refused at once is tried again soon, but not at once.
            for _ in range(min(50, self.count - len(self.sockets))):
                self.open(next(address))
            for key, _ in self.selector.select(0.1):
                self.read(key.fileobj)
            self.most = max(self.most, len(self.sockets))
            if self.drip and time.monotonic() - dripped >= 1:
                dripped = time.monotonic()
                for connection in list(self.sockets):
                    self.write(connection, bytes([next(self.drip)]))
            time.sleep(0.05)
        for connection in self.sockets:
            connection.close()

    def open(self, address):
        connection = socket.socket()
        try:
            connection.bind((address, 0))
            connection.settimeout(1)
            connection.connect(("127.0.0.1", self.port))
        except OSError:
            return connection.close()
        connection.setblocking(False)
        self.sockets.add(connection)
        self.opened += 1
        self.selector.register(connection, selectors.EVENT_READ)
        self.write(connection, self.opening)

    def read(self, connection):
        try:
            if connection.recv(4096):
                return
        except OSError:
            pass
        self.drop(connection)

    def write(self, connection, data):
        try:
            connection.send(data)
        except OSError:
            self.drop(connection)

    def drop(self, connection):
        if connection in self.sockets:
            self.sockets.discard(connection)
            self.selector.unregister(connection)
            connection.close()

    def __exit__(self, *_):
        self.stopping = True
        self.thread.join()


def banner_dribbled(ecluse, work):
    return Strangers(ecluse.port, 400, b"", b"SSH-2.0-slow")


def key_exchange_dribbled(ecluse, work):
    # A packet of 1,000 bytes that never gets whole.
    return Strangers(ecluse.port, 400, b"SSH-2.0-slow\r\n" + (1000).to_bytes(4, "big") + b"\x08\x14", b"\0")


def half_open(ecluse, work):
    return Strangers(ecluse.port, 2000)


@contextlib.contextmanager
def idle_sessions(ecluse, work):
    """1,000 log-ins, then nothing."""
    processes = []
    for number in range(SESSIONS):
        sender = ecluse.senders[1 + number % OTHERS]
        command = ecluse.sftp_command(sender["key"], sender["user"])
        processes.append(subprocess.Popen(
            command[:1] + ["-o", f"BindAddress={ADDRESSES[number % len(ADDRESSES)]}"] + command[1:],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0))
        if number % 20 == 19:
            for process in processes[-20:]:
                logged_in(process)
    yield
    for process in processes:
        process.stdin.close()
    if any([process.wait() for process in processes]):
        raise SystemExit("an idle session ended before its time")


def logged_in(process):
    process.stdin.write(b"lpwd\n")
    while not (line := process.stdout.readline()).startswith(b"Local working directory"):
        if not line:
            raise SystemExit("an idle session did not log in")


class Repeating:
    """Senders who repeat a batch of commands each, in sessions that follow one another, until told to stop."""

    def __init__(self, ecluse, batches):
        self.ecluse, self.stopping, self.failures = ecluse, False, 0
        self.threads = [threading.Thread(target=self.run, args=(sender, batch)) for sender, batch in batches]

    def run(self, sender, make_batch):
        for number in itertools.count():
            if self.stopping:
                return
            if self.ecluse.sftp(make_batch(number), sender["key"], sender["user"]).wait() != 0:
                self.failures += 1

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        time.sleep(2)

    def __exit__(self, *_):
        self.stopping = True
        for thread in self.threads:
            thread.join()
        if self.failures:
            raise SystemExit("a neighbour could not do what it wanted")


def large_directory(ecluse, work):
    """10,000 files in one IN, listed again and again, and one more uploaded and removed each time."""
    folder = make(work, "many")
    for number in range(10_000):
        open(os.path.join(folder, f"n{number:05d}.tmp"), "w").close()
    sender = ecluse.senders[1]
    ecluse.sftp(f"cd IN\nlcd {folder}\nput *\n", sender["key"], sender["user"]).wait()
    again = "ls IN\n" * 5 + f"rm IN/n00000.tmp\nput {folder}/n00000.tmp IN/\n"
    return Repeating(ecluse, [(sender, lambda turn: again)])


def numbered(sender, number):
    return f"DIMN.{sender['number']}.{TODAY:%Y%m%d}.{number:05d}.R.1"


def triggers_alone(ecluse, work):
    """Two senders who close one GO after the other without any file."""
    empty = os.path.join(work, "empty")
    open(empty, "w").close()

    def flood(sender):
        return lambda turn: "".join(
            f"put {empty} IN/GO.{numbered(sender, turn * 100 + number)}\n" for number in range(1, 101))

    return Repeating(ecluse, [(sender, flood(sender)) for sender in ecluse.senders[2:4]])


def broken_sets(ecluse, work):
    """Two senders who send small sets without a signature, one after the other."""
    small = os.path.join(work, "small")
    with open(small, "w") as file:
        file.write("<none/>")

    def flood(sender):
        def make_batch(turn):
            stems = [numbered(sender, 50_000 + turn * 100 + number) for number in range(1, 101)]
            return "".join(f"put {small} IN/FI.{stem}.1\nput {small} IN/FS.{stem}.1\nput {small} IN/GO.{stem}\n"
                           for stem in stems)
        return make_batch

    return Repeating(ecluse, [(sender, flood(sender)) for sender in ecluse.senders[2:4]])


LOADS = {"400 dribbled banners": banner_dribbled, "400 dribbled key exchanges": key_exchange_dribbled,
         "2,000 half-open": half_open, "1,000 idle sessions": idle_sessions, "10,000 files, listed": large_directory,
         "GOs alone": triggers_alone, "broken sets": broken_sets}


def neighbour(work, quick):
    count = 60 if quick else 300
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 16_384), hard))
    # One place more than the idle sessions take: for the honest sender, who logs in while its session is open.
    ecluse = Ecluse(os.path.join(work, "neighbour"), 1 + OTHERS, changes=[("sessions: 1000", "sessions: 1100")])
    try:
        ecluse.start()
        folder = os.path.join(work, "honest")
        stems = signed_sets(ecluse.senders[0], folder, count * (len(LOADS) + 2), 20_000)
        honest = Honest(ecluse, folder, stems)
        honest.measure(min(count, 20))
        alone = honest.measure(count)
        for name, load in LOADS.items():
            with load(ecluse, make(work, "load")) as strangers:
                beside = honest.measure(count)
            if isinstance(strangers, Strangers):
                report(f"{name}: connections at once", f"{strangers.most}", f"{strangers.opened} in all")
            for what, seconds in beside.items():
                ratio = seconds / alone[what]
                report(f"{name}: {what}, ms", f"{seconds * 1000:.1f}", f"alone {alone[what] * 1000:.1f}", f"{ratio:.2f}",
                       "< 3", ratio < 3)
        honest.close()
    finally:
        ecluse.close()
