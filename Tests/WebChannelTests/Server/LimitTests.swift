import HTTPTypes
import NIOCore
import Synchronization
import Testing

@testable import WebChannel

@Suite struct LimitTests {
    @Test func `requests come in a burst, then at their rate`() {
        let rate = RequestRate<String>(perSecond: 2, burst: 3)
        for _ in 0..<3 { #expect(rate.take(for: "a", at: 0) == nil) }
        #expect(rate.take(for: "a", at: 0) == 0.5)
        #expect(rate.take(for: "b", at: 0) == nil)
        #expect(rate.take(for: "a", at: 0.5) == nil)
        #expect(rate.take(for: "a", at: 0.5) != nil)
        for _ in 0..<3 { #expect(rate.take(for: "a", at: 100) == nil) }
        #expect(rate.take(for: "a", at: 100) != nil)
    }

    @Test func `keys remembered are bounded`() {
        let rate = RequestRate<Int>(perSecond: 0.001, burst: 1)
        for key in 0...RequestRate<Int>.most { #expect(rate.take(for: key, at: Double(key)) == nil) }
        // The oldest had to go, the others still wait.
        #expect(rate.take(for: 1, at: 10_001) == nil || rate.take(for: 2, at: 10_001) != nil)
        #expect(rate.take(for: RequestRate<Int>.most, at: 10_001) != nil)
    }

    @Test func `connections are counted in all and by network`() {
        let book = ConnectionBook(most: 3, mostPerNetwork: 2)
        func enter(_ address: String) -> WebConnection? {
            let connection = WebConnection(peer: PeerNetwork(address), in: book)
            guard book.enter(connection, cut: { Issue.record("cut") }) else { return nil }
            connection.prove()
            return connection
        }
        let connections = [enter("192.0.2.1"), enter("192.0.2.1"), enter("192.0.2.2")].compactMap { $0 }
        #expect(connections.count == 3)
        #expect(enter("192.0.2.1") == nil)
        #expect(enter("192.0.2.3") == nil)
        book.leave(connections[0])
        #expect(enter("192.0.2.1") != nil)
        #expect(book.count == 3)
    }

    @Test func `the oldest connection without a proof makes room, in its network or in all`() {
        let book = ConnectionBook(most: 4, mostPerNetwork: 2)
        let cut = Mutex<[String]>([])
        func enter(_ name: String, _ address: String) -> WebConnection {
            let connection = WebConnection(peer: PeerNetwork(address), in: book)
            #expect(book.enter(connection) { cut.withLock { $0.append(name) } })
            return connection
        }
        let first = enter("first", "192.0.2.1")
        let others = [
            enter("second", "192.0.2.2"), enter("third", "192.0.2.2"), enter("fourth", "192.0.2.3"),
            enter("of a full network", "192.0.2.2"),
        ]
        #expect(cut.withLock { $0 } == ["second"])
        first.prove()
        let last = enter("of a full service", "192.0.2.4")
        #expect(cut.withLock { $0 } == ["second", "third"])
        #expect(book.count == 4)
        // Who made room leaves later, and is counted no more.
        book.leave(others[0])
        #expect(book.count == 4)
        book.leave(last)
        #expect(book.count == 3)
    }

    @Test func `a host of IPv6 has one network, a mapped address is one of IPv4`() {
        #expect(PeerNetwork("2001:db8:1:2::5") == PeerNetwork("2001:db8:1:2:ffff::1"))
        #expect(PeerNetwork("2001:db8:1:2::5") != PeerNetwork("2001:db8:1:3::5"))
        #expect(PeerNetwork("fe80::1%eth0") == PeerNetwork("fe80::2"))
        #expect(PeerNetwork("::ffff:192.0.2.1") == PeerNetwork("192.0.2.1"))
        #expect(PeerNetwork("192.0.2.1") != PeerNetwork("192.0.2.2"))
    }

    @Test func `only time in which we asked for bytes counts against a body`() {
        var pace = BodyPace()
        let start = NIODeadline.uptimeNanoseconds(0)
        func left(_ seconds: Int64) -> Double {
            pace.secondsLeft(grace: 10, slowest: 100, at: start + .seconds(seconds))
        }
        #expect(left(50) == 10)
        pace.asked(at: start)
        #expect(left(4) == 6)
        pace.took(200, at: start + .seconds(4))
        #expect(left(60) == 8)
        pace.asked(at: start + .seconds(60))
        pace.asked(at: start + .seconds(61))
        #expect(left(69) == -1)
        #expect(pace.bytes == 200)
    }

    @Test func `a body waits for a route that wants it, and is taken up to what that takes`() {
        var head = HTTPRequest(method: .post, scheme: "https", authority: "h", path: "/")
        head.headerFields[.expect] = "100-Continue"
        var reading = BodyReading(of: head)
        #expect(!reading.mustWait)
        reading.pace.took(WebLimits.strangersBodyBytes, at: .now())
        #expect(reading.mustWait)
        let isLateAwaited = reading.want(WebLimits.strangersBodyBytes)
        #expect(!isLateAwaited)
        #expect(!reading.mustWait && !reading.isTooLarge)
        reading.pace.took(1, at: .now())
        #expect(reading.isTooLarge)
        var expecting = BodyReading(of: head)
        let awaited = [expecting.want(1), expecting.want(1)]
        #expect(awaited == [true, false])
        expecting.letGo(of: 5)
        #expect(expecting.isUnwanted && !expecting.mustWait && !expecting.isTooLarge)
        expecting.pace.took(5, at: .now())
        #expect(expecting.mustWait)
        #expect(BodyReading(of: nil).isWhole && !BodyReading(of: nil).mustWait)
    }
}
