"""Accounts of an FTP server that are polled: taken, decided, answered."""

import os
import pwd
import shutil
import subprocess
import time

from rig import (PASSWORD, ROOT, Ecluse, call, free_port, is_open, make, received, report, signed_sets, timed,
                 wait_for)

CONNECTIONS = 4


def polling(work, quick):
    """lftp first, then the daemon, over as many connections and with the same files."""
    accounts, each = (20, 5) if quick else (200, 10)
    root = program_root()
    total = accounts * each
    port = free_port()
    certificate = os.path.join(work, "proftpd.pem")
    server = f"""servers:
  proftpd:
    url: ftp://127.0.0.1:{port}
    user: "{{user}}"
    password: {work}/password
    authorities: {certificate}
#"""
    inbox = f"""inboxes:
  proftpd: {{ channel: ftp, home: ".", connections: {CONNECTIONS}, interval: 1 s }}
#"""
    with open(os.path.join(work, "password"), "w") as file:
        file.write(PASSWORD + "\n")
    os.chmod(file.name, 0o600)
    ecluse = Ecluse(os.path.join(work, "polling"), accounts, channels=("ftp",),
                    key="ec -pkeyopt ec_paramgen_curve:P-256",
                    changes=(("servers: {} ", server), ("inboxes: {} ", inbox)))
    proftpd = ProFTPD(root, make(work, "proftpd"), port, certificate, ecluse)
    try:
        for sender in ecluse.senders:
            signed_sets(sender, os.path.join(work, "sets", sender["number"]), each, 20_000)
        proftpd.place(os.path.join(work, "sets"))
        fetched = lftp(work, proftpd, "fetch", lambda number: [
            f"mirror --Remove-source-files IN {make(work, 'staged', number)}",
            f"!mv {work}/staged/{number}/* {make(work, 'fetched', number)}/"])
        count = sum(len(files) for _, _, files in os.walk(os.path.join(work, "fetched")))
        if count != 3 * total or proftpd.left("IN"):
            raise SystemExit(f"lftp fetched {count} files, and {proftpd.left('IN')} are left")
        their_fetches = proftpd.sessions()

        proftpd.place(os.path.join(work, "sets"))
        begin = time.time()
        ecluse.start()
        wait_for(lambda: proftpd.left("OUT", "GO.") >= total, pause=0.2)
        last = proftpd.newest("OUT")
        wait_for(lambda: not proftpd.left("IN"), pause=0.2)
        our_sessions = proftpd.sessions() - their_fetches
        rows = ecluse.settled(total)
        sealed = max(received(row) for row in rows)
        for sender in ecluse.senders:
            if proftpd.count(sender, "OUT") != 3 * each:
                raise SystemExit(f"{sender['number']} has {proftpd.count(sender, 'OUT')} files in OUT")
        ecluse.close()

        # The peer of answering: the same files put back, into other directories.
        for sender in ecluse.senders:
            shutil.move(proftpd.home(sender, "OUT"), make(work, "answers", sender["number"]))
            os.mkdir(proftpd.home(sender, "OUT"), 0o770)
            os.chown(proftpd.home(sender, "OUT"), *proftpd.owner)
        answered = lftp(work, proftpd, "answer", lambda number: [f"mirror -R {work}/answers/{number}/OUT OUT"])
        if proftpd.left("OUT", "GO.") != total:
            raise SystemExit("lftp did not put all answers")

        ours, theirs = last - begin, fetched + answered
        report(f"polling, {accounts} accounts to the last receipt, s", f"{ours:.1f}", f"fetch and put {theirs:.1f}",
               f"{theirs / ours:.2f}", ">= 1.0", theirs >= ours)
        report("  beside lftp's fetching alone, s", f"{ours:.1f}", f"lftp fetching {fetched:.1f}",
               f"{fetched / ours:.2f}")
        # Answers of other accounts are put in the meantime.
        report("  to the last set taken, s", f"{sealed - begin:.1f}", f"lftp fetching {fetched:.1f}",
               f"{fetched / (sealed - begin):.2f}")
        report("  connections opened at the server", f"{our_sessions}", f"3 an account {3 * accounts}",
               f"{our_sessions / 3 / accounts:.2f}", "<= 1.0", our_sessions <= 3 * accounts)
    finally:
        ecluse.close()
        proftpd.close()


def lftp(work, proftpd, name, commands):
    """Seconds that as many lftp as the daemon has connections need for `commands` in all accounts."""
    scripts = []
    for index in range(CONNECTIONS):
        lines = [f"set ssl:ca-file {proftpd.certificate}", "set ftp:ssl-force true", "set ftp:ssl-protect-data true",
                 "set cmd:fail-exit true", "set net:max-retries 2"]
        for sender in proftpd.senders[index::CONNECTIONS]:
            lines += [f"open -u {sender['user']},{PASSWORD} ftp://127.0.0.1:{proftpd.port}",
                      *commands(sender["number"]), "close"]
        scripts.append(os.path.join(work, f"{name}{index}.lftp"))
        with open(scripts[-1], "w") as file:
            file.write("\n".join(lines) + "\n")
    environment = {**os.environ, "HOME": make(work, "lftp")}
    return timed(*[lambda script=script: subprocess.Popen(["lftp", "--norc", "-f", script], env=environment,
                                                          stdout=subprocess.DEVNULL) for script in scripts])


def program_root():
    for root in (os.path.join(ROOT, ".build/servers/proftpd-core"), ""):
        if os.access(root + "/usr/sbin/proftpd", os.X_OK):
            return root
    raise SystemExit("no ProFTPD; run scripts/install servers first")


class ProFTPD:
    """With the accounts of `ecluse`, under TLS. As root it acts as a user without rights in the homes."""

    def __init__(self, root, folder, port, certificate, ecluse):
        self.folder, self.port, self.certificate, self.senders = folder, port, certificate, ecluse.senders
        self.owner = (os.getuid(), os.getgid())
        identity = f"User {pwd.getpwuid(os.getuid()).pw_name}"
        if os.getuid() == 0:
            entry = pwd.getpwnam("daemon")
            self.owner = (entry.pw_uid, entry.pw_gid)
            identity = "User nobody\nGroup nogroup\nDefaultRoot ~"
            above = folder
            while above != "/":
                os.chmod(above, os.stat(above).st_mode & 0o7777 | 0o011)
                above = os.path.dirname(above)
        self.homes = make(folder, "homes")
        os.chmod(folder, 0o755)
        os.chmod(self.homes, 0o755)
        accounts = os.path.join(folder, "accounts")
        ecluse.ecluse("ftp-accounts", "export", "--for", "proftpd", "--home-root", self.homes, "--make-homes",
                      "--uid", str(self.owner[0]), "--gid", str(self.owner[1]), "--output", accounts)
        key = os.path.join(folder, "server.key")
        call("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
             "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=127.0.0.1",
             "-addext", "subjectAltName=IP:127.0.0.1", stderr=subprocess.DEVNULL)
        modules = f"ModulePath {root}/../proftpd-mod-crypto/usr/lib/proftpd" if root else ""
        with open(os.path.join(folder, "proftpd.conf"), "w") as file:
            file.write(f"""{modules}
ServerName bench
ServerType standalone
DefaultAddress 127.0.0.1
Port {port}
UseReverseDNS off
UseIPv6 off
WtmpLog off
ControlsEngine off
PidFile {folder}/pid
ScoreboardFile {folder}/scoreboard
DelayEngine off
SystemLog {folder}/log
LogFormat command "%m"
ExtendedLog {folder}/commands AUTH command
{identity}
AuthOrder mod_auth_file.c
AuthUserFile {accounts}
RequireValidShell off
AllowOverwrite on
AllowStoreRestart on
AllowRetrieveRestart on
LoadModule mod_tls.c
TLSEngine on
TLSRequired on
TLSProtocol TLSv1.2 TLSv1.3
TLSECCertificateFile {certificate}
TLSECCertificateKeyFile {key}
TLSOptions NoSessionReuseRequired
""")
        with open(os.path.join(folder, "output"), "w") as output:
            self.process = subprocess.Popen(
                [root + "/usr/sbin/proftpd", "--nodaemon", "--quiet", "--config", file.name],
                stdout=output, stderr=output)
        wait_for(lambda: is_open(port) or self.process.poll() is not None)
        if self.process.poll() is not None:
            raise SystemExit(open(os.path.join(folder, "output")).read())

    def home(self, sender, mailbox):
        return os.path.join(self.homes, sender["number"], mailbox)

    def place(self, sets):
        for sender in self.senders:
            for entry in os.scandir(os.path.join(sets, sender["number"])):
                path = os.path.join(self.home(sender, "IN"), entry.name)
                shutil.copy(entry.path, path)
                os.chown(path, *self.owner)

    def count(self, sender, mailbox, prefix=""):
        return sum(1 for entry in os.scandir(self.home(sender, mailbox)) if entry.name.startswith(prefix))

    def left(self, mailbox, prefix=""):
        return sum(self.count(sender, mailbox, prefix) for sender in self.senders)

    def newest(self, mailbox):
        """When the last file got its name."""
        return max(entry.stat().st_ctime for sender in self.senders for entry in os.scandir(self.home(sender, mailbox)))

    def sessions(self):
        with open(os.path.join(self.folder, "commands")) as log:
            return sum(line == "PASS\n" for line in log)

    def close(self):
        self.process.terminate()
        self.process.wait()
