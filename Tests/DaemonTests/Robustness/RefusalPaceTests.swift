import Exchange
import Foundation
import Testing

@Suite struct RefusalPaceTests {
    @Test func `who is refused again and again is slowed down, and answered all the same`() throws {
        let instance = try Instance([("refusedPerSecond: 10", "refusedPerSecond: 1 ")])
        try instance.start()
        let flooder = try SFTPClient(instance, instance.enrol())
        let number = flooder.sender.number
        let triggers = (1...60).map {
            File(name: "GO.DIMN.\(number).2026.\($0)", bytes: [])
        }
        // Each of the last but the first fifty and those not decided yet waits for a second.
        let begin = Date()
        try flooder.put(triggers, in: .incoming)
        #expect(Date().timeIntervalSince(begin) > 3)
        let honest = try SFTPClient(instance, instance.enrol())
        #expect(try honest.send(try honest.sender.set()).isAccepted)
        #expect(
            try eventually {
                try flooder.list(.outgoing).count { $0.hasPrefix("GO.") } == triggers.count
            })
        #expect(instance.log.components(separatedBy: "slowed down").count == 2, "\(instance.log)")
    }
}
