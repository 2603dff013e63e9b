import Exchange
import Foundation
import Synchronization
import Validation

/// A sender that uses the web service with curl and shows its registered certificate in the TLS handshake. Its "IN
/// directory" is the upload it has open for each set, its "OUT directory" the list of answers.
final class WebClient: SenderChannel {
    let instance: Instance
    let sender: Sender
    private let place: Scratch
    /// By stem.
    private let uploads = Mutex<[String: String]>([:])

    init(_ instance: Instance, _ sender: Sender) throws {
        self.instance = instance
        self.sender = sender
        place = try Scratch()
        _ = try place.write(sender.signatory.pem, to: "certificate.pem")
        _ = try place.write(sender.signatory.keyPEM, to: "key.pem")
    }

    /// What was answered.
    struct Reply {
        let status: Int
        let header: String
        let body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }

        func json() throws -> [String: Any] {
            let value = try JSONSerialization.jsonObject(with: Data(body))
            guard let object = value as? [String: Any] else {
                throw Program.Fault(description: "no object: \(text)")
            }
            return object
        }

        /// The value of a header field.
        func field(_ name: String) -> String? {
            header.split(separator: "\r\n").first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
                .map { $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces) }
        }
    }

    /// - Parameter proof: options of curl; the sender's certificate unless told.
    func ask(_ method: String, _ path: String, _ options: [String] = [], proof: [String]? = nil) throws
        -> Reply
    {
        let header = place.file("header-\(UUID().uuidString)")
        let body = place.file("body-\(UUID().uuidString)")
        let certificate = ["--cert", place.file("certificate.pem"), "--key", place.file("key.pem")]
        let run = try Program.run(
            "curl",
            [
                "-sS", "-X", method, "--cacert", instance.path("config/keys/web.pem"), "-D", header, "-o",
                body,
                "-w", "%{http_code}", "--max-time", "120",
            ] + (proof ?? certificate) + options + ["https://127.0.0.1:\(instance.webPort)\(path)"],
            limit: 150)
        guard let status = Int(run.output), status > 0 else {
            throw Program.Fault(description: "no answer to \(method) \(path): \(run.errors)")
        }
        let text = (try? String(contentsOfFile: header, encoding: .utf8)) ?? ""
        return Reply(status: status, header: text, body: (try? bytes(of: body)) ?? [])
    }

    /// A new access token, as options of curl: the proof of later requests.
    func token() throws -> [String] {
        let key = try KeyFile.read(sender.signatory.keyPEM, passphrase: nil).key
        let place = "https://127.0.0.1:\(instance.webPort)/v1/oauth/token"
        let (client, now) = ("ecluse_\(sender.number)", Int(Date().timeIntervalSince1970))
        let claims: [String: Any] = [
            "iss": client, "sub": client, "aud": place, "jti": UUID().uuidString, "iat": now, "exp": now + 60,
        ]
        let parts = [
            Data("{\"alg\":\"ES256\",\"typ\":\"JWT\"}".utf8),
            try JSONSerialization.data(withJSONObject: claims),
        ].map(WebClient.base64URL)
        let signed = parts.joined(separator: ".")
        let signature = WebClient.base64URL(Data(try key.webSignature(over: Array(signed.utf8), .es256)))
        let form = [
            "grant_type=client_credentials", "client_assertion=\(signed).\(signature)",
            "client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ]
        let reply = try ask("POST", "/v1/oauth/token", form.flatMap { ["--data-urlencode", $0] }, proof: [])
        guard let token = try reply.json()["access_token"] as? String else {
            throw Program.Fault(description: "no token: \(reply.text)")
        }
        return ["-H", "Authorization: Bearer \(token)"]
    }

    private static func base64URL(_ data: Data) -> String {
        data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing(
            "=", with: "")
    }

    /// Asks, and throws unless the answer is one of `statuses`.
    @discardableResult
    func must(_ statuses: Set<Int>, _ method: String, _ path: String, _ options: [String] = []) throws
        -> Reply
    {
        let reply = try ask(method, path, options)
        guard statuses.contains(reply.status) else {
            throw Program.Fault(description: "\(method) \(path): \(reply.status) \(reply.text)")
        }
        return reply
    }

    private static func stem(_ name: String) -> String {
        name.split(separator: ".").dropFirst().prefix(5).joined(separator: ".")
    }

    /// The ticket of the open upload a file belongs to, begun when there is none.
    private func upload(for name: String) throws -> String {
        let stem = WebClient.stem(name)
        if let ticket = uploads.withLock({ $0[stem] }) { return ticket }
        let elements = name.split(separator: ".")
        let trigger = "GO." + stem + (elements.count > 6 ? "." + elements[6] : "")
        let reply = try must(
            [201], "POST", "/v1/uploads",
            ["-H", "Content-Type: application/json", "--data-binary", "{\"name\":\"\(trigger)\"}"])
        guard let ticket = try reply.json()["ticket"] as? String else {
            throw Program.Fault(description: "no ticket: \(reply.text)")
        }
        uploads.withLock { $0[stem] = ticket }
        return ticket
    }

    func put(_ files: [File], in mailbox: Mailbox) throws {
        for file in files {
            let ticket = try upload(for: file.name)
            if file.name.hasPrefix("GO.") {
                try must([200, 201], "POST", "/v1/uploads/\(ticket)/close")
                uploads.withLock { $0[WebClient.stem(file.name)] = nil }
            } else if file.name.hasPrefix("TD.") {
                try must([204], "DELETE", "/v1/uploads/\(ticket)")
                uploads.withLock { $0[WebClient.stem(file.name)] = nil }
            } else {
                let local = try place.write(file.bytes, to: "up-\(UUID().uuidString)")
                try must(
                    [200, 201, 204], "PUT", "/v1/uploads/\(ticket)/\(file.name)",
                    ["--data-binary", "@\(local)"])
            }
        }
    }

    /// Announces the whole length by the protocol of resumable uploads and brings half.
    func putHalf(of file: File, in mailbox: Mailbox) throws {
        let ticket = try upload(for: file.name)
        let name = Data(file.name.utf8).base64EncodedString()
        try must(
            [201], "POST", "/v1/uploads/\(ticket)/files",
            [
                "-H", "Tus-Resumable: 1.0.0", "-H", "Upload-Length: \(file.bytes.count)", "-H",
                "Upload-Metadata: filename \(name)",
            ])
        let half = try place.write(file.bytes.prefix(file.bytes.count / 2), to: "half")
        try must(
            [204], "PATCH", "/v1/uploads/\(ticket)/files/\(file.name)",
            [
                "-H", "Tus-Resumable: 1.0.0", "-H", "Upload-Offset: 0", "-H",
                "Content-Type: application/offset+octet-stream", "--data-binary", "@\(half)",
            ])
    }

    func rename(_ name: String, to newName: String, in mailbox: Mailbox) throws {
        throw Program.Fault(description: "the web service renames nothing")
    }

    /// Of an outgoing directory the files of every answer; of an incoming one those of the open uploads.
    func list(_ mailbox: Mailbox) throws -> [String] {
        guard mailbox.takesUploads else {
            return try answers(from: nil).filter { $0.hasSuffix("." + mailbox.environment.rawValue) }.flatMap
            { stem in
                ["FO.", "FS.", "GO."].map { $0 + stem }
            }
        }
        return try uploads.withLock({ Array($0.values) }).flatMap { ticket -> [String] in
            let reply = try ask("GET", "/v1/uploads/\(ticket)")
            guard reply.status == 200 else { return [] }
            return (try reply.json()["files"] as? [[String: Any]] ?? []).compactMap { $0["name"] as? String }
        }
    }

    private func answers(from cursor: String?) throws -> [String] {
        let page = try must([200], "GET", "/v1/answers?limit=100" + (cursor.map { "&cursor=\($0)" } ?? ""))
            .json()
        let stems = (page["answers"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? String }
        guard stems.count == 100, let next = page["cursor"] as? String else { return stems }
        return stems + (try answers(from: next))
    }

    func get(_ name: String, from mailbox: Mailbox) throws -> [UInt8] {
        if name.hasPrefix("GO.") { return [] }
        return try must([200], "GET", "/v1/answers/\(name.dropFirst(3))/\(name.prefix(2))").body
    }

    func remove(_ name: String, in mailbox: Mailbox) throws {
        try must([204, 404], "DELETE", "/v1/answers/\(name.dropFirst(3))")
    }
}
