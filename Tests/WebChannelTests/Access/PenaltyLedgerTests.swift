import Exchange
import Testing

@testable import WebChannel

@Suite struct PenaltyLedgerTests {
    private let stranger = PeerNetwork("192.0.2.1")

    @Test func `some failures are free, then each costs twice the one before, up to the longest`() {
        let ledger = PenaltyLedger(policy: PenaltyPolicy())
        var penalties: [Double] = []
        for _ in 0..<14 {
            ledger.noteFailure(from: stranger, at: 0)
            penalties.append(ledger.penalty(of: stranger, at: 0))
        }
        #expect(penalties == [0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600])
        #expect(ledger.penalty(of: stranger, at: 599) == 1)
        #expect(ledger.penalty(of: stranger, at: 700) == 0)
    }

    @Test func `a neighbour does not pay`() {
        let ledger = PenaltyLedger(policy: PenaltyPolicy())
        for _ in 0..<9 { ledger.noteFailure(from: stranger, at: 0) }
        #expect(ledger.penalty(of: PeerNetwork("192.0.2.2"), at: 0) == 0)
    }

    @Test func `failures are forgotten with time`() {
        let ledger = PenaltyLedger(policy: PenaltyPolicy())
        for _ in 0..<4 { ledger.noteFailure(from: stranger, at: 0) }
        ledger.noteFailure(from: stranger, at: 500)
        #expect(ledger.penalty(of: stranger, at: 500) == 0)
    }

    @Test func `what is remembered is bounded, the oldest goes first`() {
        let ledger = PenaltyLedger(policy: PenaltyPolicy())
        for _ in 0..<5 { ledger.noteFailure(from: stranger, at: 0) }
        for number in 0..<PenaltyBook.most {
            ledger.noteFailure(from: PeerNetwork("host-\(number)"), at: 1)
        }
        #expect(ledger.penalty(of: stranger, at: 1) == 0)
    }

    @Test func `switched off it asks for nothing`() {
        var policy = PenaltyPolicy()
        policy.isOn = false
        let ledger = PenaltyLedger(policy: policy)
        for _ in 0..<9 { ledger.noteFailure(from: stranger, at: 0) }
        #expect(ledger.penalty(of: stranger, at: 0) == 0)
    }

    @Test func `an exempt address costs nothing, with IPv6 its network`() {
        var policy = PenaltyPolicy()
        policy.exempt = ["192.0.2.1", "2001:db8:1:2::1"]
        let ledger = PenaltyLedger(policy: policy)
        for network in [stranger, PeerNetwork("2001:db8:1:2::9")] {
            for _ in 0..<9 { ledger.noteFailure(from: network, at: 0) }
            #expect(ledger.penalty(of: network, at: 0) == 0)
        }
    }

    @Test func `a sender whose name many use has no free failures`() {
        let ledger = PenaltyLedger(policy: PenaltyPolicy())
        for number in 0...20 {
            ledger.noteFailure(from: PeerNetwork("10.0.0.\(number)"), as: "006400", at: 0)
        }
        #expect(ledger.penalty(of: PeerNetwork("10.0.0.19"), at: 0) == 0)
        #expect(ledger.penalty(of: PeerNetwork("10.0.0.20"), at: 0) == 2)
    }
}
