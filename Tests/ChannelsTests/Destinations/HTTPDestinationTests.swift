import Channels
import Exchange
import Foundation
import TestServers
import Testing

@Suite struct HTTPDestinationTests {
    private func settings(_ backEnd: HTTPSBackEnd, patience: Duration = .seconds(60)) -> HTTPSSettings {
        HTTPSSettings(
            trust: CurlTrust(authoritiesFile: backEnd.identity.certificatePath), connecting: .seconds(60),
            patience: patience)
    }

    private func destination(
        _ backEnd: HTTPSBackEnd, _ settings: HTTPSSettings? = nil, tokenFile: String? = nil
    ) throws -> HTTPDestination {
        try #require(
            HTTPDestination(
                url: backEnd.url, settings: settings ?? self.settings(backEnd), tokenFile: tokenFile))
    }

    private func deferral(_ destination: HTTPDestination, _ delivery: Delivery) -> Deferral? {
        do {
            try destination.deliver(delivery)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a set arrives whole, with its ticket as the key and the digest of its body`() throws {
        let backEnd = try HTTPSBackEnd()
        let bench = try DeliveryBench(files: 3, bytes: 300_000)
        let destination = try destination(backEnd)
        try destination.deliver(bench.delivery())
        destination.confirm([bench.ticket])
        let request = try #require(try backEnd.requests().first)
        #expect(request.method == "POST")
        #expect(request.path == "/sets?of=ecluse")
        #expect(request.key == bench.ticket.description)
        #expect(request.headers["content-digest"] == request.digest)
        #expect(request.headers["expect"] == nil)
        #expect(request.parts.map(\.name) == ["manifest", "file", "file", "file"])
        #expect(request.parts.map(\.filename) == ["manifest.json"] + bench.contents.keys.sorted())
        #expect(request.parts.first.map { Array($0.bytes) } == DeliveryBench.manifest)
        for part in request.parts.dropFirst() { #expect(Array(part.bytes) == bench.contents[part.filename]) }
    }

    @Test func `every attempt sends the same bytes, over a connection that is kept`() throws {
        let backEnd = try HTTPSBackEnd()
        let bench = try DeliveryBench()
        let destination = try destination(backEnd)
        for _ in 0..<3 { try destination.deliver(bench.delivery()) }
        let requests = try backEnd.requests()
        #expect(Set(requests.map(\.digest)).count == 1)
        #expect(Set(requests.map(\.connection)).count == 1)
        #expect(requests.count == 3)
        #expect(try backEnd.kept() == [bench.ticket.description])
    }

    @Test func `an answer that was lost costs an attempt and nothing else`() throws {
        let backEnd = try HTTPSBackEnd()
        let bench = try DeliveryBench()
        let destination = try destination(backEnd)
        try backEnd.behave(.takeAndDrop)
        #expect(try deferral(destination, bench.delivery())?.reason == .destinationUnavailable)
        try backEnd.behave(.conflictWithKey)
        #expect(try deferral(destination, bench.delivery()) == nil)
        #expect(try backEnd.kept() == [bench.ticket.description])
    }

    @Test(arguments: [
        (HTTPSBackEnd.Manner.unavailable, "answered 503"), (.refuse, "answered 422"),
        (.conflict, "answered 409"),
        (.redirect, "answered 307"), (.longError, "answered 500"), (.early, "localhost"),
        (.longAnswer, "longer than"),
        (.longHead, "longer than"), (.takeAndDrop, "localhost"),
    ])
    func `any other answer defers the set, which arrives when the back-end is well again`(
        _ manner: HTTPSBackEnd.Manner, _ words: String
    ) throws {
        let backEnd = try HTTPSBackEnd()
        let bench = try DeliveryBench(bytes: 2_000_000)
        let destination = try destination(backEnd)
        try backEnd.behave(manner)
        let deferral = try #require(try deferral(destination, bench.delivery()))
        #expect(deferral.reason == .destinationUnavailable)
        #expect(deferral.sentence.contains(words), "\(deferral.sentence)")
        #expect(deferral.sentence.utf8.count < 400)
        #expect(deferral.sentence.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }, "\(deferral.sentence)")
        try backEnd.behave(.take)
        try destination.deliver(bench.delivery())
        #expect(try backEnd.kept() == [bench.ticket.description])
    }

    @Test func `a back-end that says nothing is given up`() throws {
        let backEnd = try HTTPSBackEnd()
        let bench = try DeliveryBench()
        let destination = try destination(backEnd, settings(backEnd, patience: .seconds(1)))
        try backEnd.behave(.silent)
        #expect(try deferral(destination, bench.delivery())?.reason == .destinationUnavailable)
    }

    @Test func `a back-end that is not there is a deferral`() throws {
        let destination = try #require(
            HTTPDestination(url: "https://localhost:\(freePort())/", settings: HTTPSSettings()))
        let bench = try DeliveryBench()
        #expect(try deferral(destination, bench.delivery())?.reason == .destinationUnavailable)
    }

    @Test func `a back-end that is not the one we trust gets no byte of the set`() throws {
        let backEnd = try HTTPSBackEnd()
        let other = try TLSIdentity.mint(in: backEnd.directory.path, name: "other")
        let bench = try DeliveryBench()
        var distrusting = settings(backEnd)
        distrusting.trust = CurlTrust(authoritiesFile: other.certificatePath)
        #expect(
            try deferral(destination(backEnd, distrusting), bench.delivery())?.reason
                == .destinationUnavailable)
        distrusting.trust = CurlTrust(
            authoritiesFile: backEnd.identity.certificatePath, pinnedKey: try other.pinnedKey())
        #expect(
            try deferral(destination(backEnd, distrusting), bench.delivery())?.reason
                == .destinationUnavailable)
        distrusting.trust = CurlTrust(pinnedKey: try other.pinnedKey())
        #expect(
            try deferral(destination(backEnd, distrusting), bench.delivery())?.reason
                == .destinationUnavailable)
        #expect(try backEnd.requests().isEmpty)
        distrusting.trust = CurlTrust(
            authoritiesFile: backEnd.identity.certificatePath, pinnedKey: try backEnd.identity.pinnedKey())
        #expect(try deferral(destination(backEnd, distrusting), bench.delivery()) == nil)
    }

    @Test func `a back-end whose key is pinned needs no authority`() throws {
        let backEnd = try HTTPSBackEnd()
        let bench = try DeliveryBench()
        var pinning = settings(backEnd)
        pinning.trust = CurlTrust(pinnedKey: try backEnd.identity.pinnedKey())
        #expect(try deferral(destination(backEnd, pinning), bench.delivery()) == nil)
    }

    @Test func `a client certificate says who we are`() throws {
        let files = try TemporaryDirectory()
        let ours = try TLSIdentity.mint(in: files.path, name: "ours")
        let backEnd = try HTTPSBackEnd(callers: ours.certificatePath)
        let bench = try DeliveryBench()
        #expect(try deferral(destination(backEnd), bench.delivery())?.reason == .destinationUnavailable)
        var known = settings(backEnd)
        known.identity = .init(certificate: ours.certificatePath, key: ours.keyPath)
        #expect(try deferral(destination(backEnd, known), bench.delivery()) == nil)
        #expect(try backEnd.requests().map(\.caller) == ["localhost"])
    }

    @Test func `a token is read anew for every delivery and shows up nowhere else`() throws {
        let backEnd = try HTTPSBackEnd()
        let bench = try DeliveryBench()
        let file = try bench.directory.write(Array("first-token\n".utf8), to: "token")
        let destination = try destination(backEnd, tokenFile: file)
        try destination.deliver(bench.delivery())
        _ = try bench.directory.write(Array("second-token".utf8), to: "token")
        try destination.deliver(bench.delivery())
        #expect(
            try backEnd.requests().map { $0.headers["authorization"] } == [
                "Bearer first-token", "Bearer second-token",
            ])
        try backEnd.behave(.unavailable)
        #expect(try deferral(destination, bench.delivery())?.sentence.contains("token") == false)
        for bytes in [Array("\n".utf8), Array("a\u{7}b".utf8)] {
            _ = try bench.directory.write(bytes, to: "token")
            #expect(try deferral(destination, bench.delivery())?.reason == .destinationUnavailable)
        }
        #expect(try backEnd.requests().count == 3)
    }

    @Test func `a client certificate or an authority that cannot be read is not the fault of a held file`()
        throws
    {
        let backEnd = try HTTPSBackEnd()
        let bench = try DeliveryBench()
        let garbage = try bench.directory.write(Array("garbage".utf8), to: "garbage.pem")
        for path in [garbage, "\(garbage).missing"] {
            var lost = settings(backEnd)
            lost.identity = .init(certificate: path, key: path)
            #expect(
                try deferral(destination(backEnd, lost), bench.delivery())?.reason == .destinationUnavailable)
            lost = settings(backEnd)
            lost.trust = CurlTrust(authoritiesFile: path)
            #expect(
                try deferral(destination(backEnd, lost), bench.delivery())?.reason == .destinationUnavailable)
        }
        #expect(try backEnd.requests().isEmpty)
    }

    @Test func `a token file that cannot be read is called one, and opens the breaker`() throws {
        let backEnd = try HTTPSBackEnd()
        let bench = try DeliveryBench()
        let missing = bench.path("no-token")
        let found = try deferral(destination(backEnd, tokenFile: missing), bench.delivery())
        #expect(found?.reason == .destinationUnavailable)
        #expect(found?.sentence == "The token file \(missing) cannot be read: No such file or directory.")
    }

    @Test func `a held file that cannot be read is ours`() throws {
        let backEnd = try HTTPSBackEnd()
        let bench = try DeliveryBench()
        let delivery = try bench.delivery()
        try FileManager.default.removeItem(atPath: try #require(delivery.files.first).path)
        #expect(try deferral(destination(backEnd), delivery)?.reason == .diskFault)
        #expect(try backEnd.requests().isEmpty)
    }

    @Test(arguments: [
        "", "http://localhost/", "https://", "https:///x", "https://user@localhost/", "https://a b/",
    ])
    func `only a complete address with TLS is one`(_ url: String) {
        #expect(HTTPDestination(url: url, settings: HTTPSSettings()) == nil)
    }
}
