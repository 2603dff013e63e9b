"""The web service: many small sets beside SFTP, and large files in flat memory."""

import base64
import json
import os
import statistics
import subprocess
import time

import job
import webload
from load import CONTENTS, contents, receipts, through
from rig import TODAY, Ecluse, batch, dimona, make, published, report, sign, signed_sets, timed, wait_for

SETS_A_SECOND = 2500
RATES = (("requestsPerSender: 6000", "requestsPerSender: 1000000"),
            ("requestsPerAddress: 6000", "requestsPerAddress: 1000000"))


def web(work, quick):
    """Sets over 64 connections of 64 senders, in turns with the same over SFTP sessions. The clock starts when all
    connections are up; all requests are made beforehand."""
    each, turns = (5, 1) if quick else (60, 3)
    count = job.SENDERS * each
    ecluse = Ecluse(os.path.join(work, "web"), job.SENDERS, channels=("sftp", "web"), changes=RATES).start()
    try:
        through(work, ecluse, job.SENDERS, 2)
        over_web(work, ecluse, 2, 101)
        runs, sftp = [], []
        for turn in range(1, turns + 1):
            runs.append(over_web(work, ecluse, each, 10_000 + turn * each))
            sftp.append(through(work, ecluse, job.SENDERS, each, first=20_000 + turn * each))
        rate = count / median(runs, "seconds")
        report("web, 64 connections, sets of 20 KB to 201, sets/s", f"{rate:.0f}", f"{SETS_A_SECOND}",
               f"{rate / SETS_A_SECOND:.2f}", ">= 1.0", rate >= SETS_A_SECOND)
        latencies = sorted(second * 1000 for run in runs for second in run["latencies"])
        p50, p99 = latencies[len(latencies) // 2], latencies[len(latencies) * 99 // 100]
        report("web, request to 201, p99, ms", f"{p99:.0f}", f"50 (p50 {p50:.0f})", f"{p99 / 50:.2f}", "< 1.0", p99 < 50)
        for figure, key in (("to its answer", "seconds"), ("to the last receipt", "job")):
            ours, theirs = count / median(runs, key), count / median(sftp, key)
            report(f"  {figure}, sets/s", f"{ours:.0f}", f"SFTP {theirs:.0f}", f"{ours / theirs:.2f}")
        for whose, key in (("daemon", "daemon"), ("load", "cpu")):
            ours, theirs = (median(which, key) / count * 1000 for which in (runs, sftp))
            report(f"  CPU of the {whose} for a set, ms", f"{ours:.2f}", f"SFTP {theirs:.2f}", f"{ours / theirs:.2f}")
    finally:
        ecluse.close()


def median(runs, figure):
    return statistics.median(run[figure] for run in runs)


def over_web(work, ecluse, each, first):
    """Ends the run unless every request was answered with 201 and the ticket of a set that was accepted and has exactly
    one receipt."""
    plan = []
    for sender, folder in zip(ecluse.senders, contents(work, ecluse.senders)):
        files = [{kind: open(os.path.join(folder, f"{kind}.{index}"), "rb").read() for kind in ("FI", "FS")}
                 for index in range(CONTENTS)]
        stem = f"DIMN.{sender['number']}.{TODAY:%Y%m%d}"
        plan.append((sender["certificate"], sender["signing"],
                     [post(f"{stem}.{first + index:05d}.R.1", files[index % CONTENTS]) for index in range(each)]))
    count, mark, before, there = len(plan) * each, ecluse.last(), ecluse.count(), published(ecluse.outbox)
    with webload.Load(ecluse.web_port, os.path.join(ecluse.folder, "config/keys/web.pem"), plan) as load:
        cpu, begin = ecluse.cpu(), time.time()
        outcome = load.run()
        wait_for(lambda: ecluse.is_answered(before + count), pause=0.1)
    outcome["daemon"] = ecluse.cpu() - cpu
    odd = [answer for answer in outcome["answers"] if answer[0] != 201]
    if odd or len(outcome["answers"]) != count:
        raise SystemExit(f"{len(outcome['answers'])} answers of {count}, {len(odd)} not 201: {odd[:1]}")
    tickets = {json.loads(body)["ticket"] for _, body in outcome["answers"]}
    visible = receipts(ecluse, mark, there)
    if tickets != visible.keys():
        raise SystemExit("the tickets of the answers are not those of the queue")
    outcome["job"] = max(visible.values()) - begin
    return outcome


def post(stem, files):
    boundary = "bench-boundary-4711"
    body = b"".join(
        f"--{boundary}\r\nContent-Disposition: form-data; name=\"{kind}\"; filename=\"{kind}.{stem}.1\"\r\n"
        f"Content-Type: application/octet-stream\r\n\r\n".encode() + content + b"\r\n"
        for kind, content in files.items())
    body += f"--{boundary}--\r\n".encode()
    head = (f"POST /v1/sets HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary={boundary}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n")
    return head.encode() + body


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
            report(f"{name} of {megabytes} MB, MB above idle", f"{peak - idle:.0f}", f"64 (idle {idle:.0f})",
                   f"{(peak - idle) / 64:.2f}", "<= 1.0", peak - idle <= 64)
            report("  and until its receipt, MB above idle", f"{whole - idle:.0f}", f"64 ({size / seconds / 1e6:.0f} MB/s up)",
                   f"{(whole - idle) / 64:.2f}", "<= 1.0", whole - idle <= 64)
        seconds = timed(lambda: ecluse.sftp(batch(folder, stems[-1:])))
        ecluse.settled(len(WAYS) + 2)
        report("  beside one SFTP session, MB/s", "", f"{size / seconds / 1e6:.0f} MB/s up")
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
