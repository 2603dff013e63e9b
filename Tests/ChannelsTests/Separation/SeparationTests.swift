import Exchange
import Foundation
import Testing

@testable import Channels

/// No sequence of operations of one sender shows, names, changes, cancels or triggers another's files.
@Suite struct SeparationTests {
    /// Seeds of one spool.
    private static let batch: UInt64 = 25

    /// `SEPARATION_SEEDS=1-5000` plays these instead of the first.
    private static let seeds: ClosedRange<UInt64> = {
        let bounds = ProcessInfo.processInfo.environment["SEPARATION_SEEDS"]?.split(separator: "-").map {
            UInt64($0)
        }
        guard let first = bounds?.first ?? nil, let last = bounds?.last ?? nil, first <= last else {
            return 1...300
        }
        return first...last
    }()

    private static let batches = stride(from: seeds.lowerBound, through: seeds.upperBound, by: Int(batch)).map
    {
        $0...min($0 + batch - 1, seeds.upperBound)
    }

    @Test(arguments: batches)
    func `two senders do to each other what they like, and each is as if alone`(seeds: ClosedRange<UInt64>)
        throws
    {
        let difference = try Rivalries().firstDifference(Array(seeds))
        #expect(difference == nil, "\(difference ?? "")")
    }

    @Test func `the sequences come to files and answers, seal sets and cancel them`() throws {
        let spool = try SharedSpool()
        let rivalries = (1...25 as ClosedRange<UInt64>).map(Rivalry.init)
        let answers = try spool.furnish(rivalries.flatMap(\.senders))
        var seen: [UInt8: Int] = [:]
        for (index, rivalry) in rivalries.enumerated() {
            let steps = rivalry.steps(answers: Array(answers[(2 * index)..<(2 * index + 2)]))
            let accounts = try rivalry.play(steps, .both, connect: { try HostileSession($0, at: spool) })
            for reply in accounts.flatMap(\.replies) where reply.count > 4 {
                seen[reply[4], default: 0] += 1
            }
        }
        try spool.settle()
        for type in [
            SFTPPacketType.status, SFTPPacketType.handle, SFTPPacketType.name, SFTPPacketType.attributes,
        ] {
            #expect(seen[type, default: 0] > 20, "\(seen)")
        }
        #expect(seen[SFTPPacketType.data, default: 0] > 10, "\(seen)")
        let states = try rivalries.flatMap(\.senders).map { try spool.state(of: $0) }
        let sealed = states.joined().count { $0.hasPrefix("GO.") && $0.contains("received") }
        #expect(sealed > states.count + 5, "\(sealed)")
        let gone = states.count { state in
            !state.contains { $0.contains("GO.DMFA") && $0.contains(".00002.T.1 ") }
        }
        #expect(gone > 0)
    }

    @Test func `over SSH, with the server's own threads and handles, it is the same`() throws {
        let difference = try Rivalries { try HostileSSHSession($0, at: $1) }.firstDifference([7, 8])
        #expect(difference == nil, "\(difference ?? "")")
    }
}
