import Exchange
import Foundation
import Testing

/// After `kill -9` at any moment and a restart, every set whose GO was answered has exactly one receipt and is
/// delivered exactly once.
@Suite struct KillCampaignTests {
    @Test(arguments: [UInt64(20_260_101)])
    func `no acknowledged set is lost, and none is answered or delivered twice`(seed: UInt64) throws {
        let instance = try Instance()
        try instance.start()
        let campaign = try KillCampaign(instance, senders: 3, seed: seed)
        let killer: @Sendable () throws -> Void = {
            defer { campaign.end() }
            try campaign.kill(rounds: 20, until: { $0.acknowledged.count >= 30 && $0.cuts >= 5 })
        }
        try concurrently(campaign.loops + [killer])
        let outcome = campaign.outcome
        #expect(outcome.acknowledged.count >= 30, "too few sets went through to prove anything")
        #expect(outcome.cuts >= 5, "too few uploads were cut to prove anything")

        try expectConservation(instance)
        let delivered = try instance.delivered()
        let deliveries = Dictionary(delivered.values.map { ($0, 1) }, uniquingKeysWith: +)
        #expect(
            deliveries.values.allSatisfy { $0 == 1 }, "delivered twice: \(deliveries.filter { $0.value > 1 })"
        )
        for stem in outcome.acknowledged {
            #expect(deliveries["GO." + stem] == 1, "acknowledged, not delivered: \(stem)")
        }
        #expect(Set(deliveries.keys).isSubset(of: outcome.attempted.map { "GO." + $0 }))
        try expectReceipts(campaign)
        #expect(instance.stop() == 0)
    }

    /// Waits until nothing waits; then every set must stand in exactly one place.
    private func expectConservation(_ instance: Instance) throws {
        var words = ""
        let isSettled = try eventually {
            words = try instance.must("queue", "list", "--all").errors
            return words.contains(" 0 waiting, 0 held")
        }
        #expect(isSettled, "\(words)")
        let numbers = words.matches(of: #/\d+/#).compactMap { Int($0.output) }
        try #require(numbers.count == 5)
        #expect(numbers[0] == numbers[1] + numbers[2] + numbers[3] + numbers[4])
        let rows = try instance.queue()
        #expect(rows.count == numbers[0])
        #expect(Set(rows.compactMap { $0["ticket"] as? String }).count == rows.count)
        #expect(rows.allSatisfy { $0["state"] as? String == "routed" }, "a good set was refused")
    }

    /// Every delivered ticket has one receipt, every acknowledged name has one, and all of them are good. A set of
    /// which the last start found an unanswered GO may still be on its way: asked until both sides agree.
    private func expectReceipts(_ campaign: KillCampaign) throws {
        var receipts: [Receipt] = []
        let agree = try eventually(every: 1) {
            receipts = []
            for sender in campaign.senders {
                receipts += try SFTPClient(campaign.instance, sender).answers(in: .outgoing)
            }
            return try Set(receipts.map(\.ticket)) == Set(campaign.instance.delivered().keys)
        }
        #expect(agree, "receipts and deliveries differ")
        #expect(receipts.allSatisfy { $0.isAccepted })
        #expect(Set(receipts.map(\.fileName)).count == receipts.count, "a set has two receipts")
        let answered = Set(receipts.map(\.fileName))
        for stem in campaign.outcome.acknowledged {
            #expect(answered.contains("GO." + stem), "acknowledged, not answered: \(stem)")
        }
    }
}
