import Exchange
import Testing

@testable import Channels

@Suite struct SFTPGateTests {
    private let here = PeerAddress("192.0.2.1")
    private let there = PeerAddress("192.0.2.2")

    private func gate(sessions: Int = 10, perAddress: Int = 3, perSender: Int = 2) -> SFTPGate {
        var configuration = SFTPServerConfiguration()
        configuration.sessions = sessions
        configuration.sessionsPerAddress = perAddress
        configuration.sessionsPerSender = perSender
        return SFTPGate(configuration: configuration)
    }

    private func enter(_ gate: SFTPGate, _ address: PeerAddress) throws -> UInt64 {
        guard case .admitted(let id, _, _) = gate.enter(address, at: 0) else { throw Refused() }
        return id
    }

    private struct Refused: Error {}

    @Test func `the oldest connection without a log-in makes room`() throws {
        let gate = gate()
        let first = try enter(gate, here)
        _ = try enter(gate, here)
        _ = try enter(gate, here)
        #expect(gate.enter(here, at: 0) == .admitted(id: 4, evicting: first))
        #expect(gate.count == 3)
        #expect(!gate.logIn(first, as: try #require(SenderNumber("000001"))))
    }

    @Test func `sessions that are logged in are not put out`() throws {
        let gate = gate(perSender: 100)
        let sender = try #require(SenderNumber("000001"))
        for _ in 0..<3 { #expect(gate.logIn(try enter(gate, here), as: sender)) }
        #expect(gate.enter(here, at: 0) == .refused("too many sessions of this address"))
        #expect(gate.enter(there, at: 0) == .admitted(id: 4, evicting: nil))
    }

    @Test func `the whole server has a limit`() throws {
        let gate = gate(sessions: 2, perAddress: 10)
        let first = try enter(gate, here)
        #expect(gate.logIn(first, as: try #require(SenderNumber("000001"))))
        let second = try enter(gate, there)
        #expect(gate.enter(here, at: 0) == .admitted(id: 3, evicting: second, isExcused: true))
        #expect(gate.logIn(3, as: try #require(SenderNumber("000001"))))
        #expect(gate.enter(there, at: 0) == .refused("too many sessions"))
    }

    @Test func `whoever opens connections puts out its own, not a neighbour's that logs in slowly`() throws {
        let gate = gate(sessions: 5, perAddress: 4)
        let neighbour = try enter(gate, there)
        let own = try (0..<4).map { _ in try enter(gate, here) }
        let elsewhere = PeerAddress("192.0.2.3")
        #expect(gate.enter(elsewhere, at: 0) == .admitted(id: 6, evicting: own[0]))
        #expect(gate.enter(elsewhere, at: 0) == .admitted(id: 7, evicting: own[1]))
        #expect(gate.logIn(neighbour, as: try #require(SenderNumber("000001"))))
    }

    @Test func `where each stranger comes from another address, the few of one address do not pay`() throws {
        let gate = gate(sessions: 10, perAddress: 20)
        let stranger = try enter(gate, PeerAddress("198.51.100.1"))
        _ = try enter(gate, there)
        _ = try enter(gate, there)
        for number in 2...8 { _ = try enter(gate, PeerAddress("198.51.100.\(number)")) }
        let entry = gate.enter(PeerAddress("198.51.100.9"), at: 0)
        #expect(entry == .admitted(id: 11, evicting: stranger, isExcused: true))
    }

    @Test func `a sender has a limit over all addresses, and gets its place back`() throws {
        let gate = gate()
        let sender = try #require(SenderNumber("000001"))
        let first = try enter(gate, here)
        #expect(gate.logIn(first, as: sender))
        #expect(gate.logIn(try enter(gate, there), as: sender))
        let third = try enter(gate, here)
        #expect(!gate.logIn(third, as: sender))
        #expect(gate.logIn(third, as: try #require(SenderNumber("000002"))))
        gate.leave(first)
        #expect(gate.logIn(try enter(gate, here), as: sender))
        gate.leave(first)
        #expect(gate.count == 3)
    }

    @Test func `a sender has so many open files over all its sessions, and gets them back`() throws {
        var configuration = SFTPServerConfiguration()
        configuration.handlesPerSender = 3
        let gate = SFTPGate(configuration: configuration)
        let sender = try #require(SenderNumber("000001"))
        let (first, second, other) = (try enter(gate, here), try enter(gate, there), try enter(gate, there))
        #expect(!gate.openFile(in: first))
        #expect(gate.logIn(first, as: sender) && gate.logIn(second, as: sender))
        #expect(gate.logIn(other, as: try #require(SenderNumber("000002"))))
        #expect(gate.openFile(in: first) && gate.openFile(in: first) && gate.openFile(in: second))
        #expect(!gate.openFile(in: first) && !gate.openFile(in: second))
        #expect(gate.openFile(in: other))
        gate.closeFile(in: second)
        gate.closeFile(in: second)
        #expect(gate.openFile(in: first))
        #expect(!gate.openFile(in: second))
        gate.leave(first)
        gate.closeFile(in: first)
        for _ in 0..<3 { #expect(gate.openFile(in: second)) }
        #expect(!gate.openFile(in: second))
    }

    @Test func `an address with a penalty does not come in`() {
        let gate = gate()
        for _ in 0..<4 { _ = gate.noteFailure(from: here, at: 0) }
        #expect(gate.enter(here, at: 1) == .refused("penalty for failed log-ins"))
        #expect(gate.enter(there, at: 1) == .admitted(id: 1, evicting: nil))
        #expect(gate.enter(here, at: 2) == .admitted(id: 2, evicting: nil))
    }

    @Test func `one network of IPv6 is one payer, and a mapped address is the address it maps`() {
        let gate = gate()
        for host in 1...4 { _ = gate.noteFailure(from: PeerAddress("2001:db8:1:2::\(host)"), at: 0) }
        let refused = SFTPGate.Entry.refused("penalty for failed log-ins")
        #expect(gate.enter(PeerAddress("2001:db8:1:2:ffff::9"), at: 1) == refused)
        #expect(gate.enter(PeerAddress("2001:db8:1:3::1"), at: 1) != refused)
        #expect(PeerAddress("::ffff:192.0.2.1") == here)
    }

    @Test func `an exempt address costs nothing`() {
        var configuration = SFTPServerConfiguration()
        configuration.penalty.exempt = [here.description]
        let gate = SFTPGate(configuration: configuration)
        for _ in 0..<10 { #expect(gate.noteFailure(from: here, at: 0) == nil) }
        #expect(gate.enter(here, at: 0) == .admitted(id: 1, evicting: nil))
    }

    @Test
    func `an exempt address of IPv6 costs nothing however it is written, and does not pay for its network`() {
        var configuration = SFTPServerConfiguration()
        configuration.penalty.exempt = ["2001:DB8:1:2::1", "::ffff:192.0.2.1"]
        let gate = SFTPGate(configuration: configuration)
        for address in ["2001:db8:1:2::1", "2001:db8:1:2::9", "192.0.2.1"].map({ PeerAddress($0) }) {
            for _ in 0..<10 { #expect(gate.noteFailure(from: address, at: 0) == nil) }
            #expect(gate.enter(address, at: 0) != .refused("penalty for failed log-ins"))
        }
    }
}
