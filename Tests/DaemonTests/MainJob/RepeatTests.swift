import Exchange
import Foundation
import Testing

/// A name sent twice: the same bytes get the first receipt again, other bytes get 133 (design section 4).
@Suite(.served()) struct RepeatTests {
    @Test func `the same set again gets the first receipt again and is not delivered again`() throws {
        let instance = try SharedInstance.running()
        let client = try SFTPClient(instance, instance.enrol())
        let set = try client.sender.set()
        let first = try client.send(set)
        try #require(try eventually { try instance.deliveries(of: set) == 1 })
        for prefix in ["FO", "FS", "GO"] { try client.remove("\(prefix).\(first.stem)", in: .outgoing) }
        #expect(try client.list(.outgoing).isEmpty)
        let again = try client.send(set)
        #expect(again == first)
        #expect(try client.list(.outgoing).count == 3)
        #expect(try instance.deliveries(of: set) == 1)
        let rows = try instance.queue(of: client.sender)
        #expect(rows.count == 2)
        #expect(rows.compactMap { $0["repeats"] as? String } == [first.ticket])
        let ticket = try #require(rows.first { $0["repeats"] != nil }?["ticket"] as? String)
        #expect(try instance.must("receipt", "show", ticket).output == first.document + "\n")
    }

    @Test func `a repeat whose first receipt still lies there gets no second one`() throws {
        let instance = try SharedInstance.running()
        let client = try SFTPClient(instance, instance.enrol())
        let set = try client.sender.set()
        _ = try client.send(set)
        try client.put(set.files, in: .incoming)
        try #require(
            try eventually { try instance.queue(of: client.sender).count { $0["repeats"] != nil } == 1 })
        #expect(try client.list(.outgoing).count == 3)
    }

    @Test func `other bytes under an accepted name are refused with 133`() throws {
        let instance = try SharedInstance.running()
        let client = try SFTPClient(instance, instance.enrol())
        let set = try client.sender.set()
        let first = try client.send(set)
        let other = try FileSet(
            stem: set.stem, documents: [Array(Declaration.dimona(inss: "01020300170").utf8)],
            signedBy: client.sender.signatory)
        try client.put(other.files, in: .incoming)
        let second = try client.receipt(for: set.trigger.name, besides: ["GO.\(first.stem)"])
        #expect(second.codes == ["ACRF-133"])
        #expect(second.ticket != first.ticket)
        #expect(try instance.deliveries(of: set) == 1)
    }

    @Test func `a refused name is free for the corrected set`() throws {
        let instance = try SharedInstance.running()
        let client = try SFTPClient(instance, instance.enrol())
        let good = try client.sender.set()
        var spoilt = good
        spoilt.declarations[0].bytes.append(0x20)
        let refused = try client.send(spoilt)
        #expect(refused.codes == ["ACRF-125"])
        try client.put(good.files, in: .incoming)
        let accepted = try client.receipt(for: good.trigger.name, besides: ["GO.\(refused.stem)"])
        #expect(accepted.isAccepted)
        #expect(try eventually { try instance.deliveries(of: good) == 1 })
    }

    @Test func `names of two senders that differ by the number alone are two sets`() throws {
        let instance = try SharedInstance.running()
        let first = try SFTPClient(instance, instance.enrol())
        let second = try SFTPClient(instance, instance.enrol())
        let receipts = try [first, second].map { try $0.send($0.sender.set()) }
        #expect(receipts.allSatisfy { $0.isAccepted })
        #expect(receipts[0].ticket != receipts[1].ticket)
    }
}
