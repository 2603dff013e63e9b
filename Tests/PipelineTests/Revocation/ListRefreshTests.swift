import Exchange
import Foundation
import Registry
import Testing
import Validation

@testable import Pipeline

/// Revocation lists that are fetched: when, under which rules, and what decisions find meanwhile.
@Suite struct ListRefreshTests {
    private let source = ScriptedSource()

    private func refreshing(ageLimit: TimeInterval = Refreshing.day) throws -> Refreshing {
        let refreshing = try Refreshing(source)
        try refreshing.setSource(.list, "http://127.0.0.1:1/list", ageLimit: ageLimit)
        return refreshing
    }

    private func give(_ list: [UInt8]) {
        source.become { _ in list }
    }

    @Test func `a list is fetched once, and again about half way to its limit`() throws {
        let refreshing = try refreshing()
        #expect(try refreshing.isUnknown())
        give(try refreshing.list(1))
        refreshing.refresher.refreshDue()
        #expect(try refreshing.isGood() && source.requests == 1)
        refreshing.turn(0.4 * Refreshing.day - 60)
        refreshing.refresher.refreshDue()
        #expect(source.requests == 1)
        refreshing.turn(0.2 * Refreshing.day + 120)
        refreshing.refresher.refreshDue()
        #expect(source.requests == 2)
        // The same list, taken again, counts from now on.
        refreshing.turn(0.9 * Refreshing.day)
        #expect(try refreshing.isGood())
    }

    @Test func `a certificate on the next list is refused as soon as that is fetched`() throws {
        let refreshing = try refreshing()
        give(try refreshing.list(1))
        refreshing.refresher.refreshDue()
        #expect(try refreshing.isGood())
        refreshing.turn(0.7 * Refreshing.day)
        give(try refreshing.list(2, revoking: [refreshing.certificate]))
        #expect(try refreshing.isGood())
        refreshing.refresher.refreshDue()
        #expect(try refreshing.isRevoked())
    }

    @Test func `while the source is down the list serves to its limit, then nothing is known`() throws {
        let refreshing = try refreshing()
        give(try refreshing.list(1))
        refreshing.refresher.refreshDue()
        source.become(ScriptedSource.down)
        for _ in 0..<19 {
            refreshing.turn(0.05 * Refreshing.day)
            refreshing.refresher.refreshDue()
            #expect(try refreshing.isGood())
        }
        refreshing.turn(0.05 * Refreshing.day + 60)
        refreshing.refresher.refreshDue()
        #expect(try refreshing.isUnknown())
        give(try refreshing.list(2))
        refreshing.turn(600)
        refreshing.refresher.refreshDue()
        #expect(try refreshing.isGood())
    }

    @Test func `an older list is not taken, though it is signed and in its time`() throws {
        let refreshing = try refreshing()
        let older = try refreshing.list(1)
        give(try refreshing.list(2, revoking: [refreshing.certificate]))
        refreshing.refresher.refreshDue()
        #expect(try refreshing.isRevoked())
        give(older)
        refreshing.turn(0.7 * Refreshing.day)
        refreshing.refresher.refreshDue()
        #expect(source.requests == 2)
        #expect(try refreshing.isRevoked())
        // Nor does it make the held one any younger.
        refreshing.turn(0.4 * Refreshing.day)
        #expect(try refreshing.isUnknown())
    }

    @Test func `lists that are none, of others, or out of their time are not taken`() throws {
        let refreshing = try refreshing()
        let namesake = try Refreshing.authority("Accepted Authority")
        let other = try Refreshing.authority("Other Authority")
        try refreshing.registry.addAuthority(other.certificate)
        let lists = [
            Array("<html>".utf8), [], try refreshing.list(1, by: namesake), try refreshing.list(1, by: other),
            try refreshing.list(1, from: 3600), try refreshing.list(1, from: -7200, until: -60),
            try refreshing.list(1, from: -2 * Refreshing.day, until: nil),
        ]
        for (index, list) in lists.enumerated() {
            give(list)
            refreshing.refresher.refreshDue()
            #expect(source.requests == index + 1)
            #expect(try refreshing.registry.revocationLists().isEmpty, "\(index)")
            #expect(try refreshing.isUnknown())
            refreshing.turn(400)
        }
        give(try refreshing.list(1))
        refreshing.refresher.refreshDue()
        #expect(try refreshing.isGood())
    }

    @Test func `a source that fails rests for growing pauses, and is asked once after each`() throws {
        let refreshing = try refreshing()
        var pauses: [Int] = []
        for _ in 0..<6 {
            let before = source.requests
            var seconds = 0
            while source.requests == before {
                refreshing.refresher.refreshDue()
                refreshing.refresher.refreshDue()
                if source.requests > before { break }
                refreshing.turn(1)
                seconds += 1
            }
            #expect(source.requests == before + 1)
            pauses.append(seconds)
        }
        // 1, 2, 4 … with up to a quarter more, to whole seconds.
        #expect(pauses[0] == 0)
        for (index, pause) in pauses.dropFirst().enumerated() {
            #expect((1 << index...(1 << index) * 5 / 4 + 1).contains(pause), "\(pauses)")
        }
    }

    @Test func `a clock that was set back and forward again defers, and mends itself`() throws {
        let refreshing = try refreshing()
        give(try refreshing.list(1, from: -3 * Refreshing.day))
        refreshing.refresher.refreshDue()
        #expect(try refreshing.isGood())
        refreshing.turn(-Refreshing.day)
        #expect(try refreshing.isUnknown())
        refreshing.refresher.refreshDue()
        #expect(try refreshing.isGood() && source.requests == 2)
        refreshing.turn(Refreshing.day + 3600)
        #expect(try refreshing.isUnknown())
        refreshing.refresher.refreshDue()
        #expect(try refreshing.isGood() && source.requests == 3)
    }

    @Test func `lists that are brought as files are never fetched`() throws {
        let refreshing = try refreshing()
        try refreshing.registrar.setSource(.files, of: refreshing.authority.certificate.fingerprint)
        refreshing.refresher.refreshDue()
        #expect(source.requests == 0)
        #expect(try refreshing.isGood())
    }
}
