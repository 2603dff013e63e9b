"""A load of HTTP requests over TLS that costs little: requests made beforehand, one in hand on each connection, plain
sockets in two processes."""

import multiprocessing
import resource
import selectors
import socket
import ssl
import time

PROCESSES = 2


class Load:
    """`plan`: certificate, key and requests of each connection. Connections are up when it is entered."""

    def __init__(self, port, authority, plan):
        self.port, self.authority, self.plan = port, authority, plan

    def __enter__(self):
        context = multiprocessing.get_context("fork")
        self.go = context.Event()
        self.workers = []
        for index in range(PROCESSES):
            ours, theirs = context.Pipe()
            share = self.plan[index::PROCESSES]
            process = context.Process(target=work, args=(self.port, self.authority, share, self.go, theirs))
            process.start()
            theirs.close()
            self.workers.append((process, ours))
        for _, pipe in self.workers:
            pipe.recv()
        return self

    def run(self):
        begin = time.monotonic()
        self.go.set()
        outcomes = [pipe.recv() for _, pipe in self.workers]
        return {"seconds": max(outcome["end"] for outcome in outcomes) - begin,
                "cpu": sum(outcome["cpu"] for outcome in outcomes),
                "latencies": [second for outcome in outcomes for second in outcome["latencies"]],
                "answers": [answer for outcome in outcomes for answer in outcome["answers"]]}

    def __exit__(self, *_):
        for process, _ in self.workers:
            process.terminate()
            process.join()


def work(port, authority, plan, go, pipe):
    connections = [Connection(port, authority, *entry) for entry in plan]
    pipe.send("ready")
    go.wait()
    before = resource.getrusage(resource.RUSAGE_SELF)
    selector = selectors.DefaultSelector()
    for connection in connections:
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        connection.next()
        connection.turn(selector)
    while selector.get_map():
        for key, _ in selector.select():
            key.data.turn(selector)
    end = time.monotonic()
    after = resource.getrusage(resource.RUSAGE_SELF)
    pipe.send({"end": end, "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
               "latencies": [second for connection in connections for second in connection.latencies],
               "answers": [answer for connection in connections for answer in connection.answers]})


class Connection:
    def __init__(self, port, authority, certificate, key, requests):
        context = ssl.create_default_context(cafile=authority)
        context.load_cert_chain(certificate, key)
        plain = socket.create_connection(("127.0.0.1", port))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = context.wrap_socket(plain, server_hostname="127.0.0.1")
        self.socket.setblocking(False)
        self.requests = requests[::-1]
        self.latencies, self.answers = [], []

    def next(self):
        self.rest, self.received = memoryview(self.requests.pop()), b""
        self.begin = time.monotonic()

    def turn(self, selector):
        """Goes on as far as it goes without waiting."""
        try:
            while True:
                if self.rest:
                    self.rest = self.rest[self.socket.send(self.rest):]
                    continue
                piece = self.socket.recv(65536)
                if not piece:
                    self.answers.append((0, b"closed"))
                    return selector.unregister(self.socket)
                self.received += piece
                if self.is_answered():
                    if not self.requests:
                        return selector.unregister(self.socket)
                    self.next()
        except ssl.SSLWantReadError:
            selector.modify(self.socket, selectors.EVENT_READ, self)
        except ssl.SSLWantWriteError:
            selector.modify(self.socket, selectors.EVENT_READ | selectors.EVENT_WRITE, self)

    def is_answered(self):
        head, end, body = self.received.partition(b"\r\n\r\n")
        if not end:
            return False
        fields = head.lower().split(b"\r\n")
        length = next(int(field[15:]) for field in fields if field.startswith(b"content-length:"))
        if len(body) < length:
            return False
        self.latencies.append(time.monotonic() - self.begin)
        self.answers.append((int(fields[0][9:12]), body))
        return True
