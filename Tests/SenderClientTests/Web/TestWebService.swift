import Exchange
import Foundation
import TestServers
import Testing
import Validation

/// A receiver's web service for one test: Python's own HTTPS server on the loopback address, which takes sets in, cuts
/// connections when it is told to, and answers every set with a receipt that `openssl cms` signs.
final class TestWebService: Sendable {
    let scratch: Scratch
    let identity: TLSIdentity
    let port: Int
    private let process: ServerProcess

    /// - Parameter mishaps: what befalls requests, each once, in the words of the script.
    init(
        _ signet: Signet, receiverKey: [UInt8], mishaps: [String] = [], codes: [String] = [],
        callers: String? = nil
    ) throws {
        scratch = try Scratch()
        identity = try TLSIdentity.mint(in: scratch.path)
        port = freePort()
        try scratch.write(CertificateMint.pem(signet.sender), to: "sender.pem")
        try scratch.write(CertificateMint.pem(signet.receiver), to: "receiver.pem")
        try scratch.write(receiverKey, to: "receiver.key")
        try scratch.write(mishaps.joined(separator: "\n"), to: "mishaps")
        try scratch.write(codes.joined(separator: "\n"), to: "codes")
        let script = try scratch.write(TestWebService.script, to: "service.py")
        process = try ServerProcess(
            "/usr/bin/python3",
            [script, scratch.path, "\(port)", identity.certificatePath, identity.keyPath, callers ?? ""],
            log: scratch.file("log"))
        try process.awaitPort(port)
    }

    var base: String { "https://localhost:\(port)" }

    /// Lines such as `POST /v1/sets 201`.
    var requests: [String] {
        let lines = (try? String(contentsOfFile: scratch.file("requests"), encoding: .utf8)) ?? ""
        return lines.split(separator: "\n").map(String.init)
    }

    /// The sets handed over: names and bytes of their files.
    func taken() throws -> [[String: Data]] {
        let lines = (try? String(contentsOfFile: scratch.file("taken"), encoding: .utf8)) ?? ""
        return try lines.split(separator: "\n").map {
            try JSONDecoder().decode([String: Data].self, from: Data($0.utf8))
        }
    }

    private static let script = #"""
        import base64, email, email.policy, http.server, json, re, ssl, subprocess, sys, threading
        folder, port, certificate, key, callers = sys.argv[1:]
        base = "https://localhost:" + port
        lock = threading.RLock()
        marks, sets, uploads, answers, tokens, used, confirmed = {}, {}, {}, {}, set(), set(), set()

        def mishap(word):
            with lock:
                left = [line for line in open(folder + "/mishaps").read().split("\n") if line]
                for line in left:
                    if line.split(":")[0] == word:
                        left.remove(line)
                        open(folder + "/mishaps", "w").write("\n".join(left))
                        return line
            return None

        def decode(text): return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

        def is_signed(text):
            head, claims, signature = text.split(".")
            assert json.loads(decode(head)) == {"alg": "ES256", "typ": "JWT"}
            said = json.loads(decode(claims))
            assert said["iss"] == said["sub"] == "ecluse_006400" and said["aud"] == base + "/v1/oauth/token"
            assert 0 < said["exp"] - said["iat"] <= 300 and said["jti"] not in used
            used.add(said["jti"])
            raw = decode(signature)
            number = lambda part: (lambda b: bytes([2, len(b)]) + b)(
                (b"\0" if part.lstrip(b"\0")[0] > 127 else b"") + part.lstrip(b"\0"))
            body = number(raw[:32]) + number(raw[32:])
            open(folder + "/assertion", "wb").write((head + "." + claims).encode())
            open(folder + "/assertion.sig", "wb").write(bytes([0x30, len(body)]) + body)
            public = subprocess.run(
                ["openssl", "x509", "-in", folder + "/sender.pem", "-noout", "-pubkey"], capture_output=True).stdout
            open(folder + "/sender.pub", "wb").write(public)
            return subprocess.run(
                ["openssl", "dgst", "-sha256", "-verify", folder + "/sender.pub", "-signature",
                 folder + "/assertion.sig", folder + "/assertion"], capture_output=True).returncode == 0

        def seal(files, go):
            ticket = "T%d" % (len(sets) + 1)
            codes = open(folder + "/codes").read().split()
            result = "".join("<ErrorID>%s</ErrorID>" % code for code in codes)
            document = ("<ACRF><Form><Identification>ACRF001</Identification><FileReference><FileName>%s</FileName>"
                "<ReferenceNbr>%s</ReferenceNbr></FileReference><ReceptionResult><ResultCode>%d</ResultCode>%s"
                "</ReceptionResult></Form></ACRF>" % (go, ticket, 0 if codes else 1, result)).encode()
            open(folder + "/document", "wb").write(document)
            signature = subprocess.run(
                ["openssl", "cms", "-sign", "-binary", "-in", folder + "/document", "-outform", "DER", "-md", "sha256",
                 "-signer", folder + "/receiver.pem", "-inkey", folder + "/receiver.key"], capture_output=True).stdout
            stem = "ACRF.999999.20230420.%05d.R" % (len(sets) + 1)
            answers[stem] = (document, signature)
            sets[ticket] = {"ticket": ticket}
            if not mishap("undecided"):
                sets[ticket]["receipt"] = {"id": stem, "location": "/v1/answers/" + stem}
            shown = {name: base64.b64encode(data).decode() for name, data in files.items()}
            open(folder + "/taken", "a").write(json.dumps(shown) + "\n")
            return ticket

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def setup(self):
                self.request.do_handshake()
                super().setup()
            def note(self, status):
                with lock: open(folder + "/requests", "a").write("%s %s %s\n" % (self.command, self.path, status))
            def answer(self, status, body=None, headers={}):
                self.note(status)
                raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
                self.send_response(status)
                for name, value in headers.items(): self.send_header(name, value)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                if self.command != "HEAD": self.wfile.write(raw)
            def cut(self):
                self.note("cut")
                self.close_connection = True
                self.connection.close()
            def do(self):
                length = int(self.headers.get("Content-Length", "0"))
                part = mishap("patch") if self.command == "PATCH" else None
                body = self.rfile.read(min(length, int(part.split(":")[1])) if part else length)
                with lock: self.route(body, part)
            def route(self, body, part):
                path = self.path.split("?")[0].strip("/").split("/")[1:]
                if path == ["oauth", "token"]:
                    form = dict(pair.split("=") for pair in body.decode().split("&"))
                    if form["grant_type"] != "client_credentials" or not is_signed(form["client_assertion"]):
                        return self.answer(400, {"error": "invalid_client", "error_description": "who is this"})
                    tokens.add("token%d" % len(used))
                    return self.answer(200, {"access_token": "token%d" % len(used), "expires_in": 300})
                if not callers:
                    if mishap("forget"): tokens.clear()
                    if self.headers.get("Authorization", "")[7:] not in tokens:
                        return self.answer(401, {"title": "who is this"})
                if mishap("busy"): return self.answer(503, {"title": "not now"}, {"Retry-After": "0"})
                if mishap("never"): return self.answer(403, {"detail": "not \u001b[31myou", "codes": [
                    {"code": "ACRF-131", "sentence": "a name"}]})
                if path == ["sets"]: return self.whole(body)
                if path[0] == "sets": return self.answer(200, sets[path[1]])
                if path[0] == "uploads": return self.pieces(path[1:], body, part)
                if path == ["answers"]:
                    return self.answer(200, {"cursor": "c1", "answers": [
                        {"id": stem, "directory": "OUT", "isConfirmed": stem in confirmed} for stem in sorted(answers)]})
                if path[1] not in answers: return self.answer(404, {"title": "gone"})
                if len(path) == 3 and path[2] == "confirmation":
                    confirmed.add(path[1])
                    return self.answer(204)
                if len(path) == 3: return self.answer(200, answers[path[1]][["FO", "FS"].index(path[2])])
                del answers[path[1]]
                self.answer(204)
            def whole(self, body):
                mark = self.headers["Idempotency-Key"]
                head = ("Content-Type: %s\r\n\r\n" % self.headers["Content-Type"]).encode()
                files = {part.get_filename(): part.get_payload(decode=True) for part in
                    email.message_from_bytes(head + body, policy=email.policy.HTTP).iter_parts()}
                first = sorted(files)[0]
                if mark not in marks: marks[mark] = seal(files, "GO" + first[2:].rsplit(".", 1)[0])
                if mishap("lost"): return self.cut()
                self.answer(201, sets[marks[mark]], {"Location": "/v1/sets/" + marks[mark]})
            def pieces(self, path, body, part):
                if not path:
                    ticket = "U%d" % (len(uploads) + 1)
                    uploads[ticket] = {"go": json.loads(body)["name"], "files": {}, "lengths": {}}
                    return self.answer(201, {"ticket": ticket}, {"Location": "/v1/uploads/" + ticket})
                upload = uploads[path[0]]
                if path[1] == "close":
                    if any(len(upload["files"][n]) != l for n, l in upload["lengths"].items()): return self.answer(409)
                    upload.setdefault("set", None)
                    if not upload["set"]:
                        upload["set"] = seal({n: bytes(b) for n, b in upload["files"].items()}, upload["go"])
                    if mishap("lost"): return self.cut()
                    return self.answer(201, sets[upload["set"]], {"Location": "/v1/sets/" + upload["set"]})
                if self.headers["Tus-Resumable"] != "1.0.0": return self.answer(412)
                if len(path) == 2:
                    name = base64.b64decode(self.headers["Upload-Metadata"].split()[1]).decode()
                    if name in upload["files"]: return self.answer(422, {"detail": "twice"})
                    upload["files"][name] = bytearray()
                    upload["lengths"][name] = int(self.headers["Upload-Length"])
                    if mishap("announced"): return self.cut()
                    return self.answer(201, None, {"Location": self.path + "/" + name})
                if path[2] not in upload["files"]: return self.answer(404)
                data = upload["files"][path[2]]
                if self.command == "PATCH":
                    if int(self.headers["Upload-Offset"]) != len(data): return self.answer(409)
                    data += body
                    if part: return self.cut()
                self.answer(204 if self.command == "PATCH" else 200, None, {"Upload-Offset": str(len(data))})
            do_POST = do_PATCH = do_GET = do_DELETE = do_HEAD = do
            def log_message(self, *words): pass

        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 64
            daemon_threads = True

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        if callers:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(callers)
        server = Server(("127.0.0.1", int(port)), Handler)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        server.serve_forever()

        """#
}
