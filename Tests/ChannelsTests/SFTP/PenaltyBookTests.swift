import Foundation
import Testing

@testable import Channels

@Suite struct PenaltyBookTests {
    private let address = PeerAddress("192.0.2.1")

    @Test func `three failures are free, then each costs twice the one before, up to the longest`() {
        var book = PenaltyBook(policy: PenaltyPolicy())
        let costs = (0..<15).map { _ in book.noteFailure(from: address, at: 0) }
        #expect(costs == [0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600, 600])
    }

    @Test func `a penalty runs out`() {
        var book = PenaltyBook(policy: PenaltyPolicy())
        for _ in 0..<4 { _ = book.noteFailure(from: address, at: 100) }
        #expect(book.penalty(of: address, at: 100) == 2)
        #expect(book.penalty(of: address, at: 101.5) == 0.5)
        #expect(book.penalty(of: address, at: 102) == 0)
    }

    @Test func `failures are forgotten one by one`() {
        var book = PenaltyBook(policy: PenaltyPolicy())
        for _ in 0..<4 { _ = book.noteFailure(from: address, at: 0) }
        #expect(book.noteFailure(from: address, at: 2 + 121) == 0)
        #expect(book.noteFailure(from: address, at: 2 + 121) == 2)
        #expect(book.noteFailure(from: address, at: 1_000_000) == 0)
    }

    @Test func `half a failure costs half as soon`() {
        var book = PenaltyBook(policy: PenaltyPolicy())
        let costs = (0..<10).map { _ in book.noteFailure(from: address, weight: 0.5, at: 0) }
        #expect(costs.prefix(7).allSatisfy { $0 == 0 })
        #expect(costs[7] == 2)
        #expect(costs[9] == 4)
    }

    @Test func `a failure that is forgiven does not count`() {
        var book = PenaltyBook(policy: PenaltyPolicy())
        for _ in 0..<20 {
            #expect(book.noteFailure(from: address, at: 0) == 0)
            book.forgiveFailure(from: address)
        }
        book.forgiveFailure(from: PeerAddress("192.0.2.2"))
        #expect(book.penalty(of: address, at: 0) == 0)
    }

    @Test func `a neighbour address pays nothing`() {
        var book = PenaltyBook(policy: PenaltyPolicy())
        for _ in 0..<10 { _ = book.noteFailure(from: address, at: 0) }
        #expect(book.penalty(of: PeerAddress("192.0.2.2"), at: 0) == 0)
    }

    @Test func `one network of IPv6 is one payer, and a mapped address is the address it maps`() {
        var book = PenaltyBook(policy: PenaltyPolicy())
        for host in 1...4 { _ = book.noteFailure(from: PeerAddress("2001:db8:1:2::\(host)"), at: 0) }
        #expect(book.penalty(of: PeerAddress("2001:db8:1:2:ffff::9"), at: 0) == 2)
        #expect(book.penalty(of: PeerAddress("2001:db8:1:3::1"), at: 0) == 0)
        #expect(PeerAddress("::ffff:192.0.2.1") == address)
    }

    @Test func `an exempt address and a policy that is off cost nothing`() {
        var policy = PenaltyPolicy()
        policy.exempt = ["192.0.2.1"]
        var book = PenaltyBook(policy: policy)
        for _ in 0..<10 { #expect(book.noteFailure(from: address, at: 0) == 0) }
        #expect(book.penalty(of: address, at: 0) == 0)
        policy = PenaltyPolicy()
        policy.isOn = false
        book = PenaltyBook(policy: policy)
        for _ in 0..<10 { #expect(book.noteFailure(from: address, at: 0) == 0) }
    }

    @Test func `the book does not grow for ever`() {
        var policy = PenaltyPolicy()
        policy.freeFailures = 0
        var book = PenaltyBook(policy: policy)
        _ = book.noteFailure(from: address, at: 0)
        for number in 0..<PenaltyBook.most {
            _ = book.noteFailure(
                from: PeerAddress("10.\(number >> 16).\(number >> 8 & 255).\(number & 255)"), at: 1)
        }
        #expect(book.penalty(of: address, at: 0) == 0)
        #expect(book.penalty(of: PeerAddress("10.0.0.1"), at: 1) == 2)
    }
}
