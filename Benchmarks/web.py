"""The web service: many small sets beside SFTP, and large files in flat memory."""

import base64
import json
import os
import resource
import statistics
import subprocess
import time

import webload
from rig import Ecluse, batch, dimona, make, report, sign, signed_sets, timed

RATES = (("requestsPerSender: 6000", "requestsPerSender: 1000000"),
            ("requestsPerAddress: 6000", "requestsPerAddress: 1000000"))


def web(work, quick):
    """Sets over 64 connections, in turns with the same over 64 sessions of OpenSSH's sftp. Senders are 8, since one has
    50 sessions at the most. The clock starts when all connections are up."""
    connections, senders, each, turns = 64, 8, 4 if quick else 25, 1 if quick else 3
    ecluse = Ecluse(os.path.join(work, "web"), senders, channels=("sftp", "web"), changes=RATES).start()
    try:
        share = connections // senders * each
        plans = []
        for turn in range(2 * turns):
            sets = []
            for index, sender in enumerate(ecluse.senders):
                folder = make(work, f"sets{turn}-{index}")
                stems = signed_sets(sender, folder, share, 20_000, first=turn * share + 1)
                sets += [(sender, folder, stems[at:at + each]) for at in range(0, share, each)]
            plans.append(sets)
        count, total = connections * each, 0
        figures = {"web": [], "sftp": []}
        latencies = []
        for turn in range(turns):
            for kind, measure in (("web", over_web), ("sftp", over_sftp)):
                total += count
                outcome = measure(ecluse, plans.pop(), latencies)
                rows = ecluse.settled(total)
                own = [row for row in rows if row["receivedAt"] >= outcome["since"]]
                outcome["job"] = answered(ecluse, own) - outcome["begin"]
                outcome["daemon"] = ecluse.cpu() - outcome["cpu"]
                figures[kind].append(outcome)
                if kind == "web" and outcome["tickets"] != {row["ticket"] for row in own}:
                    raise SystemExit("the tickets of the answers are not those of the queue")
        compare_channels(count, connections, figures, sorted(latencies))
    finally:
        ecluse.close()


def compare_channels(count, connections, figures, latencies):
    def median(kind, figure):
        return statistics.median(outcome[figure] for outcome in figures[kind])

    ours, theirs = count / median("web", "seconds"), count / median("sftp", "seconds")
    report("web, sets of 20 KB to 201, sets/s", f"{ours:.0f}", f"SFTP {theirs:.0f}",
           f"{ours / theirs:.2f}", ">= 1.0", ours >= theirs)
    ours, theirs = count / median("web", "job"), count / median("sftp", "job")
    report("  to the last receipt, sets/s", f"{ours:.0f}", f"SFTP {theirs:.0f}", f"{ours / theirs:.2f}", "", True)
    p50, p99 = latencies[len(latencies) // 2], latencies[len(latencies) * 99 // 100]
    mean = median("sftp", "seconds") * connections / count
    report("  request to 201, ms", f"p50 {p50 * 1000:.0f}", f"p99 {p99 * 1000:.0f}", "", "", True)
    report("  mean time of a set, ms", f"{statistics.mean(latencies) * 1000:.0f}", f"SFTP {mean * 1000:.0f}",
           "", "", True)
    for whose in ("daemon", "client"):
        ours, theirs = (median(kind, whose) / count * 1000 for kind in ("web", "sftp"))
        report(f"  CPU of the {whose} for a set, ms", f"{ours:.2f}", f"SFTP {theirs:.2f}", f"{ours / theirs:.2f}", "",
               True)


def over_web(ecluse, sets, latencies):
    plan = []
    for sender, folder, stems in sets:
        plan.append((sender["certificate"], sender["signing"], [post(folder, stem) for stem in stems]))
    authority = os.path.join(ecluse.folder, "config/keys/web.pem")
    with webload.Load(ecluse.web_port, authority, plan) as load:
        cpu, since, begin = ecluse.cpu(), utc(), time.time()
        outcome = load.run()
        latencies += outcome["latencies"]
    odd = [answer for answer in outcome["answers"] if answer[0] != 201]
    if odd or len(outcome["answers"]) != sum(len(stems) for _, _, stems in sets):
        raise SystemExit(f"{len(outcome['answers'])} answers, {len(odd)} not 201: {odd[:1]}")
    tickets = {json.loads(body)["ticket"] for _, body in outcome["answers"]}
    return {"seconds": outcome["seconds"], "cpu": cpu, "client": outcome["cpu"], "since": since,
            "begin": begin, "tickets": tickets}


def over_sftp(ecluse, sets, latencies):
    clients = []
    for sender, folder, stems in sets:
        client = subprocess.Popen(ecluse.sftp_command(sender["key"], sender["user"]), stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE)
        client.stdin.write(b"pwd\n")
        client.stdin.flush()
        clients.append((client, batch(folder, stems).encode()))
    for client, _ in clients:
        while b"Remote working directory" not in client.stdout.readline():
            if client.poll() is not None:
                raise SystemExit("a client did not log in")
    children = used(resource.RUSAGE_CHILDREN)
    cpu, since, begin = ecluse.cpu(), utc(), time.time()
    started = time.monotonic()
    for client, lines in clients:
        client.stdin.write(lines)
        client.stdin.close()
    for client, _ in clients:
        client.stdout.read()
        if client.wait() != 0:
            raise SystemExit("a client failed")
    return {"seconds": time.monotonic() - started, "cpu": cpu,
            "client": used(resource.RUSAGE_CHILDREN) - children, "since": since, "begin": begin}


def post(folder, stem):
    boundary = "bench-boundary-4711"
    body = b"".join(
        f"--{boundary}\r\nContent-Disposition: form-data; name=\"{kind}\"; filename=\"{kind}.{stem}.1\"\r\n"
        f"Content-Type: application/octet-stream\r\n\r\n".encode()
        + open(os.path.join(folder, f"{kind}.{stem}.1"), "rb").read() + b"\r\n" for kind in ("FI", "FS"))
    body += f"--{boundary}--\r\n".encode()
    head = (f"POST /v1/sets HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary={boundary}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n")
    return head.encode() + body


def utc():
    now = time.time()
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now % 1 * 1000):03d}Z"


def used(whose):
    usage = resource.getrusage(whose)
    return usage.ru_utime + usage.ru_stime


def answered(ecluse, rows):
    """When the last GO of their receipts got its name."""
    return max(os.stat(os.path.join(ecluse.outbox, row["sender"], "OUT", "GO" + row["receipt"][2:])).st_ctime
               for row in rows)


def large(work, quick):
    megabytes = 100 if quick else 1000
    ecluse = Ecluse(os.path.join(work, "large"), 1, channels=("sftp", "web")).start()
    try:
        sender = ecluse.senders[0]
        folder = make(work, "sets")
        stems = signed_sets(sender, folder, len(WAYS) + 3, 20_000)
        warm, original, stems = stems[:1], stems[1], stems[1:]
        fi, fs = (os.path.join(folder, f"{kind}.{original}.1") for kind in ("FI", "FS"))
        with open(fi, "w") as file:
            file.writelines(dimona(megabytes * 1_000_000))
        sign([fi], sender)
        for stem in stems[1:]:
            for path in (fi, fs):
                copy = path.replace(original, stem)
                os.remove(copy)
                os.link(path, copy)
        web = Web(ecluse, sender, folder)
        multipart(web, warm[0])
        ecluse.settled(1)
        idle = ecluse.memory("VmRSS")
        size = os.path.getsize(fi)
        for index, (name, upload) in enumerate(WAYS):
            ecluse.reset_peak()
            begin = time.monotonic()
            close = upload(web, stems[index])
            seconds = time.monotonic() - begin
            peak = ecluse.memory("VmHWM")
            close()
            ecluse.settled(index + 2)
            whole = ecluse.memory("VmHWM")
            report(f"{name} of {megabytes} MB, MB above idle", f"{peak - idle:.0f}",
                   f"idle {idle:.0f}, peak {peak:.0f}", f"{(peak - idle) / 64:.2f}", "<= 64 MB", peak - idle <= 64)
            report("  and until its receipt", f"{whole - idle:.0f}", f"{size / seconds / 1e6:.0f} MB/s up",
                   f"{(whole - idle) / 64:.2f}", "<= 64 MB", whole - idle <= 64)
        seconds = timed(lambda: ecluse.sftp(batch(folder, stems[-1:])))
        ecluse.settled(len(WAYS) + 2)
        report("  beside one SFTP session, MB/s", "", f"{size / seconds / 1e6:.0f} MB/s up", "", "", True)
    finally:
        ecluse.close()


class Web:
    """curl as a sender."""

    def __init__(self, ecluse, sender, folder):
        self.address, self.folder = f"https://127.0.0.1:{ecluse.web_port}", folder
        self.command = ["curl", "--silent", "--show-error", "--fail-with-body", "--cacert",
                        os.path.join(ecluse.folder, "config/keys/web.pem"), "--cert", sender["certificate"], "--key",
                        sender["signing"]]

    def __call__(self, *options):
        *options, path = options
        done = subprocess.run([*self.command, *options, self.address + path], stdout=subprocess.PIPE)
        if done.returncode != 0:
            raise SystemExit(f"curl {options} {path}: {done.stdout.decode()}")
        return done.stdout

    def begin(self, stem):
        new = json.dumps({"name": f"GO.{stem}"})
        return json.loads(self("-H", "Content-Type: application/json", "-d", new, "/v1/uploads"))["ticket"]

    def files(self, stem):
        return [(name, os.path.join(self.folder, name)) for name in (f"FI.{stem}.1", f"FS.{stem}.1")]


def put(version):
    def upload(web, stem):
        ticket = web.begin(stem)
        for name, path in web.files(stem):
            web(version, "-T", path, f"/v1/uploads/{ticket}/{name}")
        return lambda: web("-X", "POST", f"/v1/uploads/{ticket}/close")
    return upload


def tus(web, stem):
    ticket = web.begin(stem)
    for name, path in web.files(stem):
        name64 = base64.b64encode(name.encode()).decode()
        web("--http1.1", "-X", "POST", "-H", "Tus-Resumable: 1.0.0", "-H", f"Upload-Length: {os.path.getsize(path)}",
            "-H", f"Upload-Metadata: filename {name64}", f"/v1/uploads/{ticket}/files")
        web("--http1.1", "-X", "PATCH", "-T", path, "-H", "Tus-Resumable: 1.0.0", "-H", "Upload-Offset: 0",
            "-H", "Content-Type: application/offset+octet-stream", f"/v1/uploads/{ticket}/files/{name}")
    return lambda: web("-X", "POST", f"/v1/uploads/{ticket}/close")


def multipart(web, stem):
    parts = [f"f{index}=@{path}" for index, (_, path) in enumerate(web.files(stem))]
    web("--http1.1", "-F", parts[0], "-F", parts[1], "/v1/sets")
    return lambda: None


WAYS = (("PUT, HTTP/1.1,", put("--http1.1")), ("PUT, HTTP/2,", put("--http2")), ("PATCH (tus)", tus),
        ("POST, multipart,", multipart))
