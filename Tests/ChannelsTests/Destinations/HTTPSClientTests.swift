import Channels
import Foundation
import Synchronization
import TestServers
import Testing

@Suite struct HTTPSClientTests {
    private func client(_ backEnd: HTTPSBackEnd, longestAnswer: Int = 1_048_576) -> HTTPSClient {
        HTTPSClient(
            HTTPSSettings(
                trust: CurlTrust(authoritiesFile: backEnd.identity.certificatePath), connecting: .seconds(60),
                longestAnswer: longestAnswer))
    }

    private func request(_ method: String, _ backEnd: HTTPSBackEnd) throws -> HTTPSRequest {
        try #require(HTTPSRequest(method, backEnd.url))
    }

    private struct Enough: Error {}

    @Test func `an answer comes with status, head and body`() throws {
        let backEnd = try HTTPSBackEnd()
        let response = try client(backEnd).send(request("GET", backEnd))
        #expect(response.status == 201)
        #expect(response.isSuccess)
        #expect(response.headers["x-seen"] == "yes")
        #expect(String(decoding: response.body, as: UTF8.self) == "{\"taken\": true}")
        #expect(try client(backEnd).send(request("HEAD", backEnd)).status == 200)
    }

    @Test func `pieces of bytes and files are sent as one body, and watched`() throws {
        let backEnd = try HTTPSBackEnd()
        let file = try backEnd.directory.write(Array("0123456789".utf8), to: "digits")
        let body = HTTPSBody([
            .bytes(Array("<".utf8)), .file(path: file, offset: 3, length: 4), .bytes([]),
            .bytes(Array(">".utf8)),
        ])
        var sent: [UInt64] = []
        _ = try client(backEnd).send(request("PUT", backEnd), body: body) { sent.append($0) }
        let received = try #require(try backEnd.requests().first?.parts.first)
        #expect(String(decoding: received.bytes, as: UTF8.self) == "<3456>")
        #expect(body.length == 6)
        #expect(sent.last == 6)
    }

    @Test func `a post without a body says so`() throws {
        let backEnd = try HTTPSBackEnd()
        _ = try client(backEnd).send(request("POST", backEnd))
        #expect(try backEnd.requests().map { $0.headers["content-length"] } == ["0"])
    }

    @Test func `a file shorter than was said ends the request`() throws {
        let backEnd = try HTTPSBackEnd()
        let file = try backEnd.directory.write(Array("01234".utf8), to: "digits")
        let fault = #expect(throws: RemoteFault.self) {
            try client(backEnd).send(request("PUT", backEnd), body: HTTPSBody([.file(path: file, length: 6)]))
        }
        #expect(fault?.kind == .stopped)
        #expect(fault?.sentence.contains(file) == true)
        #expect(try backEnd.requests().isEmpty)
    }

    @Test func `who watches the sending may end it`() throws {
        let backEnd = try HTTPSBackEnd()
        let fault = #expect(throws: RemoteFault.self) {
            try client(backEnd).send(request("PUT", backEnd), body: .bytes([1, 2, 3])) { _ in throw Enough() }
        }
        #expect(fault?.kind == .stopped)
        #expect(fault?.cause is Enough)
    }

    @Test func `a long answer goes to its sink and no further than its limit`() throws {
        let backEnd = try HTTPSBackEnd()
        try backEnd.behave(.longAnswer)
        let client = client(backEnd)
        var count = 0
        let response = try client.fetch(request("GET", backEnd), atMost: 3_000_000) { count += $0.count }
        #expect(count == 3_000_000)
        #expect(response.body.isEmpty)
        var seen = 0
        let fault = #expect(throws: RemoteFault.self) {
            try client.fetch(request("GET", backEnd), atMost: 2_999_999) { seen += $0.count }
        }
        #expect(fault?.kind == .tooMuch)
        #expect(seen <= 2_999_999)
        let ended = #expect(throws: RemoteFault.self) {
            try client.fetch(request("GET", backEnd), atMost: 3_000_000) { _ in throw Enough() }
        }
        #expect(ended?.kind == .stopped)
        #expect(ended?.cause is Enough)
    }

    @Test func `of an error that goes on and on the beginning is enough`() throws {
        let backEnd = try HTTPSBackEnd()
        try backEnd.behave(.longError)
        let client = client(backEnd, longestAnswer: 1000)
        var sunk = 0
        for response in [
            try client.send(request("GET", backEnd)),
            try client.fetch(request("GET", backEnd), atMost: 10_000_000) { sunk += $0.count },
        ] {
            #expect(response.status == 500)
            #expect(response.body == [UInt8](repeating: 0x78, count: 1000))
        }
        #expect(sunk == 0)
        try backEnd.behave(.take)
        #expect(try client.send(request("GET", backEnd)).isSuccess)
    }

    @Test(arguments: [
        ("POST", "https://a/"), ("GET", "https://[::1]:8443/x?y=z"), ("DELETE", "https://a.example"),
    ])
    func `a plain request is one`(_ method: String, _ url: String) {
        #expect(HTTPSRequest(method, url, headers: [("X-Any", "value \u{E9}")])?.url == url)
    }

    @Test(arguments: [
        ("", "https://a/"), ("get", "https://a/"), ("GET X", "https://a/"), ("GET", "ftp://a/"),
        ("GET", "https://a/ HTTP/1.1\r\nX: y"), ("GET", "https://u:p@a/"), ("GET", "https://a/#b"),
        ("GET", "https://a\\@b/"),
    ])
    func `a request that could say something else is none`(_ method: String, _ url: String) {
        #expect(HTTPSRequest(method, url) == nil)
    }

    @Test(arguments: [
        ("", "x"), ("X Y", "x"), ("X:", "x"), ("X;", "x"), ("Host", "x"), ("content-length", "3"), ("X", ""),
        ("X", "a\r\nY: b"), ("X", "a\0b"), ("Transfer-Encoding", "chunked"),
    ])
    func `a header that could say something else makes none`(_ name: String, _ value: String) {
        #expect(HTTPSRequest("GET", "https://a/", headers: [(name, value)]) == nil)
    }

    @Test func `a request shows neither its query nor its headers`() throws {
        let request = try #require(
            HTTPSRequest("GET", "https://a:1/b?token=secret", headers: [("Authorization", "Bearer secret")]))
        #expect("\(request)" == "GET https://a:1/b")
        #expect(request.origin == "https://a:1")
    }

    @Test(.timeLimit(.minutes(5))) func `a request that nobody wants any more ends`() throws {
        let backEnd = try HTTPSBackEnd()
        try backEnd.behave(.silent)
        let isOver = Mutex(false)
        let client = HTTPSClient(
            HTTPSSettings(
                trust: CurlTrust(authoritiesFile: backEnd.identity.certificatePath),
                patience: .seconds(86_400)),
            until: { isOver.withLock { $0 } })
        let request = try request("POST", backEnd)
        let fault = #expect(throws: RemoteFault.self) {
            _ = try client.send(request, body: .bytes([1])) { _ in isOver.withLock { $0 = true } }
        }
        #expect(fault?.kind == .stopped)
    }
}
