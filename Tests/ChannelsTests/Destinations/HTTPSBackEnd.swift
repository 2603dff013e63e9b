import Foundation
import TestServers

/// A back-end's web service for one test: Python's own HTTPS server on the loopback address. It takes deliveries apart
/// with the standard library, keeps each key once, and fails in the way it is told to.
final class HTTPSBackEnd: Sendable {
    let directory: TemporaryDirectory
    let identity: TLSIdentity
    let port: Int
    private let process: ServerProcess

    /// What it does with the next requests.
    enum Manner: String {
        case take
        /// Keeps the set, and closes without an answer.
        case takeAndDrop
        /// 409 with the key to a key it has.
        case conflictWithKey
        case conflict
        case unavailable
        case refuse
        case redirect
        case silent
        /// Answers before it has read the body, and closes.
        case early
        case longError
        case longAnswer
        case longHead
    }

    /// A request as it was read.
    struct Request: Decodable {
        let method: String
        let path: String
        let key: String?
        let headers: [String: String]
        let digest: String
        let parts: [Part]
        let caller: String?
        let connection: Int

        struct Part: Decodable {
            let name: String
            let filename: String
            let bytes: Data
        }
    }

    /// - Parameter callers: a PEM file of the client certificates it wants; nil wants none.
    init(callers: String? = nil) throws {
        directory = try TemporaryDirectory()
        identity = try TLSIdentity.mint(in: directory.path)
        port = freePort()
        let script = try directory.write(Array(HTTPSBackEnd.script.utf8), to: "back_end.py")
        _ = try directory.write(Array(Manner.take.rawValue.utf8), to: "manner")
        process = try ServerProcess(
            "/usr/bin/python3",
            [script, directory.path, "\(port)", identity.certificatePath, identity.keyPath, callers ?? ""],
            log: directory.file("log"))
        try process.awaitPort(port)
    }

    var url: String { "https://localhost:\(port)/sets?of=ecluse" }
    var log: String { process.log }

    func behave(_ manner: Manner) throws {
        _ = try directory.write(Array(manner.rawValue.utf8), to: "manner")
    }

    /// Every request it has read to its end, in their order.
    func requests() throws -> [Request] {
        let lines = (try? String(contentsOfFile: directory.file("requests"), encoding: .utf8)) ?? ""
        return try lines.split(separator: "\n").map {
            try JSONDecoder().decode(Request.self, from: Data($0.utf8))
        }
    }

    /// The sets it keeps, by key.
    func kept() throws -> [String] {
        let lines = (try? String(contentsOfFile: directory.file("kept"), encoding: .utf8)) ?? ""
        return lines.split(separator: "\n").map(String.init)
    }

    private static let script = #"""
        import base64, email, email.policy, hashlib, http.server, itertools, json, ssl, sys, threading, time
        directory, port, certificate, key, callers = sys.argv[1:]
        lock, kept, numbers = threading.Lock(), set(), itertools.count(1)

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def setup(self):
                self.request.do_handshake()
                super().setup()
                self.number = next(numbers)
            def answer(self, status, body=b"", headers={}):
                self.send_response(status)
                for name, value in headers.items(): self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def do(self):
                manner = open(directory + "/manner").read()
                if manner == "early":
                    self.answer(413, b"too much", {"Connection": "close"})
                    self.close_connection = True
                    return
                length = int(self.headers.get("Content-Length", "0"))
                body = self.rfile.read(length)
                if len(body) < length:
                    self.close_connection = True
                    return
                self.note(body)
                key = self.headers.get("Idempotency-Key")
                if manner == "silent": time.sleep(600)
                elif manner == "unavailable": self.answer(503, b"the \x1b[31mback office\n is closed")
                elif manner == "refuse": self.answer(422)
                elif manner == "conflict": self.answer(409, b"not done with it yet")
                elif manner == "redirect": self.answer(307, b"", {"Location": "https://localhost:%s/other" % port})
                elif manner == "longError": self.answer(500, b"x" * 3000000)
                elif manner == "longAnswer": self.answer(200, b"x" * 3000000)
                elif manner == "longHead": self.answer(200, b"", {"X-%d" % i: "y" * 1000 for i in range(90)})
                elif manner == "conflictWithKey" and key in kept: self.answer(409, b"", {"Idempotency-Key": key})
                else:
                    with lock:
                        if key and key not in kept:
                            kept.add(key)
                            open(directory + "/kept", "a").write(key + "\n")
                    if manner == "takeAndDrop": self.close_connection = True
                    else: self.answer(201, b'{"taken": true}', {"X-Seen": "  yes "})
            do_POST = do_PUT = do_GET = do_DELETE = do
            def do_HEAD(self): self.answer(200)
            def note(self, body):
                parts = []
                if self.headers.get("Content-Type", "").startswith("multipart/"):
                    head = ("Content-Type: %s\r\n\r\n" % self.headers["Content-Type"]).encode()
                    for part in email.message_from_bytes(head + body, policy=email.policy.HTTP).iter_parts():
                        parts.append({
                            "name": part.get_param("name", header="content-disposition"),
                            "filename": part.get_filename(),
                            "bytes": base64.b64encode(part.get_payload(decode=True)).decode()})
                elif body:
                    parts.append({"name": "", "filename": "", "bytes": base64.b64encode(body).decode()})
                caller = self.connection.getpeercert() if callers else None
                line = json.dumps({
                    "method": self.command, "path": self.path, "key": self.headers.get("Idempotency-Key"),
                    "headers": {k.lower(): v for k, v in self.headers.items()}, "parts": parts,
                    "digest": "sha-256=:%s:" % base64.b64encode(hashlib.sha256(body).digest()).decode(),
                    "caller": caller and caller["subject"][0][0][1], "connection": self.number})
                with lock: open(directory + "/requests", "a").write(line + "\n")

        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 64

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
