import Crypto
import Exchange
import Foundation
import Testing

@testable import WebChannel

@Suite struct ResumableTests {
    private let declaration = "FI.DMFA.006400.20230420.00001.R.1.1"
    private let trigger = "GO.DMFA.006400.20230420.00001.R.1"

    @Test func `what is spoken of tus is told to anybody`() async throws {
        try await TestService.lend { service async throws in
            let answer = try await service.curl(
                "/v1/uploads/\(Ticket(.set, counter: 1))/files", ["-X", "OPTIONS"])
            #expect(answer.status == 204)
            #expect(answer.headers["tus-version"] == "1.0.0")
            #expect(answer.headers["tus-extension"] == "creation,expiration,checksum,termination")
            #expect(answer.headers["tus-checksum-algorithm"] == "sha1,sha256")
            #expect(answer.headers["tus-max-size"].flatMap { Int($0) } ?? 0 > 0)
        }
    }

    @Test func `a file comes in pieces, across a restart`() async throws {
        try await TestSender.lend { sender async throws in
            let (place, file) = try await begin(sender, length: 10)
            let first = try await patch(sender, file, at: 0, "01234")
            #expect(first.status == 204, "\(first.text)")
            #expect(first.headers["upload-offset"] == "5")
            #expect(first.headers["tus-resumable"] == "1.0.0")
            sender.service.intake.restart()
            let there = try await head(sender, file)
            #expect(there.headers["upload-offset"] == "5")
            #expect(there.headers["upload-length"] == "10")
            #expect(there.headers["cache-control"] == "no-store")
            #expect(there.headers["upload-expires"]?.hasSuffix("GMT") == true)
            #expect(try await patch(sender, file, at: 5, "56789").headers["upload-offset"] == "10")
            #expect(try await sender.close(place).status == 201)
            #expect(
                sender.service.intake.sealed.first?.consignment.bytes(declaration) == Array("0123456789".utf8)
            )
        }
    }

    @Test func `a piece at another offset or past the end is refused`() async throws {
        try await TestSender.lend { sender async throws in
            let (_, file) = try await begin(sender, length: 4)
            #expect(try await patch(sender, file, at: 1, "x").status == 409)
            #expect(try await patch(sender, file, at: 0, "12345").status == 413)
            #expect(try await patch(sender, file, at: 0, "12").status == 204)
            #expect(try await patch(sender, file, at: 0, "12").status == 409)
            #expect(try await patch(sender, file, at: 2, "345").status == 413)
            let chunked = try await patch(
                sender, file, at: 2, "345", ["--http1.1", "-H", "Transfer-Encoding: chunked"])
            #expect(chunked.status == 413)
            #expect(try await head(sender, file).headers["upload-offset"] == "2")
        }
    }

    @Test(arguments: ["sha1", "sha256"])
    func `a piece with another checksum is not kept`(algorithm: String) async throws {
        try await TestSender.lend { sender async throws in
            let (_, file) = try await begin(sender, length: 10)
            #expect(try await patch(sender, file, at: 0, "01234").status == 204)
            let checksum = checksum(algorithm, "56789")
            let wrong = try await patch(sender, file, at: 5, "5678x", ["-H", "Upload-Checksum: \(checksum)"])
            #expect(wrong.status == 460)
            #expect(wrong.problem == "checksum-mismatch")
            #expect(wrong.headers["tus-resumable"] == "1.0.0")
            #expect(try await head(sender, file).headers["upload-offset"] == "5")
            #expect(sender.service.intake.open.first?.bytes(declaration) == Array("01234".utf8))
            #expect(
                try await patch(sender, file, at: 5, "56789", ["-H", "Upload-Checksum: \(checksum)"]).status
                    == 204)
            #expect(
                try await patch(sender, file, at: 10, "", ["-H", "Upload-Checksum: md5 AAAA"]).status == 400)
        }
    }

    @Test func `what came before the connection broke stays, unless it was to be checked`() async throws {
        try await TestSender.lend { sender async throws in
            let (_, file) = try await begin(sender, length: 1000)
            func cut(_ field: String) async throws {
                _ = try await sender.python(
                    """
                    s = connect()
                    s.sendall(b"PATCH \(file) HTTP/1.1\\r\\nHost: x\\r\\nTus-Resumable: 1.0.0\\r\\nUpload-Offset: 0\\r\\n"
                              b"Content-Type: application/offset+octet-stream\\r\\nContent-Length: 1000\\r\\n\(field)\\r\\n"
                              + b"x" * 300)
                    def answer():
                        h = connect()
                        h.sendall(b"HEAD \(file) HTTP/1.1\\r\\nHost: x\\r\\nTus-Resumable: 1.0.0\\r\\n\\r\\n")
                        return h.recv(65536).split()[1]
                    while answer() != b"423": time.sleep(0.05)
                    s.close()
                    """)
            }
            try await cut("Upload-Checksum: \(checksum("sha256", String(repeating: "x", count: 1000)))\\r\\n")
            #expect(try await offset(sender, file) == "0")
            try await cut("")
            #expect(try await offset(sender, file) == "300")
        }
    }

    @Test func `a file has one writer at a time`() async throws {
        try await TestSender.lend { sender async throws in
            let (place, file) = try await begin(sender, length: 1000)
            let said = try await sender.python(
                """
                one = connect()
                one.sendall(b"PATCH \(file) HTTP/1.1\\r\\nHost: x\\r\\nTus-Resumable: 1.0.0\\r\\nUpload-Offset: 0\\r\\n"
                            b"Content-Type: application/offset+octet-stream\\r\\nContent-Length: 1000\\r\\n\\r\\n" + b"x" * 300)
                def ask(method, path, more=b""):
                    s = connect()
                    s.sendall(method + b" " + path + b" HTTP/1.1\\r\\nHost: x\\r\\nTus-Resumable: 1.0.0\\r\\n"
                              b"Content-Length: 0\\r\\n" + more + b"\\r\\n")
                    return s.recv(65536).split()[1].decode()
                for _ in range(600):
                    if ask(b"HEAD", b"\(file)") == "423": break
                    time.sleep(0.1)
                print(ask(b"HEAD", b"\(file)"), ask(b"DELETE", b"\(file)"), ask(b"DELETE", b"\(place)"),
                      ask(b"POST", b"\(place)/close"),
                      ask(b"PATCH", b"\(file)", b"Upload-Offset: 0\\r\\nContent-Type: application/offset+octet-stream\\r\\n"))
                one.sendall(b"x" * 700)
                print(one.recv(65536).split()[1].decode())
                """)
            #expect(said == "423 423 423 423 423\n204")
            #expect(try await sender.close(place).status == 201)
        }
    }

    @Test func `who names a set of another sender is told that there is none, also while it is written`()
        async throws
    {
        try await TestSender.lend { sender async throws in
            let (place, file) = try await begin(sender, length: 1000)
            let scratch = try Scratch()
            async let writer = sender.python(
                """
                import os
                s = connect()
                s.sendall(b"PATCH \(file) HTTP/1.1\\r\\nHost: x\\r\\nTus-Resumable: 1.0.0\\r\\nUpload-Offset: 0\\r\\n"
                          b"Content-Type: application/offset+octet-stream\\r\\nContent-Length: 1000\\r\\n\\r\\n" + b"x" * 300)
                while not os.path.exists("\(scratch.file("asked"))"): time.sleep(0.05)
                s.sendall(b"x" * 700)
                print(s.recv(65536).split()[1].decode())
                """)
            #expect(try await eventually { try await head(sender, file).status == 423 })
            let stranger = try await sender.another()
            #expect(try await head(stranger, file).status == 404)
            #expect(try await patch(stranger, file, at: 0, "x").status == 404)
            #expect(try await stranger.put("x", to: "\(place)/\(declaration)").status == 404)
            #expect(try await stranger.close(place).status == 404)
            #expect(try await stranger.ask(place, ["-X", "DELETE"]).status == 404)
            try scratch.write([], to: "asked")
            #expect(try await writer == "204")
        }
    }

    @Test func `another version, a type that is none and missing fields are refused`() async throws {
        try await TestSender.lend { sender async throws in
            let (place, file) = try await begin(sender, length: 4)
            let version = try await sender.ask(file, ["-I"])
            #expect(version.status == 412)
            #expect(version.headers["tus-version"] == "1.0.0")
            let resumable = ["-H", "Tus-Resumable: 1.0.0"]
            let type = try await sender.ask(
                file,
                resumable + [
                    "-X", "PATCH", "-H", "Upload-Offset: 0", "-H", "Content-Type: text/plain", "-d", "x",
                ])
            #expect(type.status == 415)
            for field in [
                "Upload-Length: 5", "Upload-Length: -5", "Upload-Length: x", "Upload-Defer-Length: 1",
            ] {
                let answer = try await sender.ask("\(place)/files", resumable + ["-X", "POST", "-H", field])
                #expect(answer.status == 400, "\(field)")
            }
            #expect(try await sender.tus(place, create: declaration, length: 5).status == 422, "twice")
            #expect(try await sender.tus(place, create: "../x", length: 5).status == 400)
            #expect(try await sender.tus(place, create: "readme", length: 5).status == 422)
            let signature = "FS" + declaration.dropFirst(2)
            #expect(try await sender.tus(place, create: signature, length: 1 << 60).status == 413)
        }
    }

    @Test func `a file that is removed can be begun anew, and an empty one is complete at once`() async throws
    {
        try await TestSender.lend { sender async throws in
            let (place, file) = try await begin(sender, length: 4)
            #expect(try await patch(sender, file, at: 0, "12").status == 204)
            let remove = ["-X", "DELETE", "-H", "Tus-Resumable: 1.0.0"]
            #expect(try await sender.ask(file, remove).status == 204)
            #expect(try await sender.ask(file, remove).status == 404)
            #expect(try await head(sender, file).status == 404)
            #expect(try await sender.tus(place, create: declaration, length: 0).status == 201)
            #expect(try await sender.close(place).status == 201)
            #expect(sender.service.intake.sealed.first?.consignment.bytes(declaration) == [])
        }
    }

    @Test func `files of other senders are not found`() async throws {
        try await TestSender.lend { sender async throws in
            let (place, file) = try await begin(sender, length: 4)
            let stranger = try await sender.another()
            #expect(try await head(stranger, file).status == 404)
            #expect(try await patch(stranger, file, at: 0, "x").status == 404)
            #expect(try await stranger.tus(place, create: declaration, length: 1).status == 404)
        }
    }

    private func begin(_ sender: TestSender, length: Int) async throws -> (place: String, file: String) {
        let place = try #require(try await sender.begin(trigger).headers["location"])
        let created = try await sender.tus(place, create: declaration, length: length)
        #expect(created.status == 201, "\(created.text)")
        return (place, try #require(created.headers["location"]))
    }

    private func patch(
        _ sender: TestSender, _ file: String, at offset: Int, _ bytes: String, _ more: [String] = []
    ) async throws -> Curl {
        try await sender.ask(
            file,
            [
                "-X", "PATCH", "-H", "Tus-Resumable: 1.0.0", "-H", "Upload-Offset: \(offset)", "-H",
                "Content-Type: application/offset+octet-stream", "--data-binary", "@-",
            ] + more, input: Array(bytes.utf8))
    }

    private func head(_ sender: TestSender, _ file: String) async throws -> Curl {
        try await sender.ask(file, ["-I", "-H", "Tus-Resumable: 1.0.0"])
    }

    /// What is there once nobody writes any more.
    private func offset(_ sender: TestSender, _ file: String) async throws -> String? {
        for _ in 0..<600 {
            let answer = try await head(sender, file)
            if answer.status != 423 { return answer.headers["upload-offset"] }
            try await Task.sleep(for: .milliseconds(100))
        }
        return nil
    }

    private func checksum(_ algorithm: String, _ text: String) -> String {
        let bytes = Array(text.utf8)
        let digest =
            algorithm == "sha1" ? Data(Insecure.SHA1.hash(data: bytes)) : Data(SHA256.hash(data: bytes))
        return "\(algorithm) \(digest.base64EncodedString())"
    }
}
