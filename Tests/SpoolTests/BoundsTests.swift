import Exchange
import Foundation
import Testing

@testable import Spool

@Suite struct BoundsTests {
    @Test func `a file is not extended by bytes nobody sent`() throws {
        let harness = try Harness()
        let name = try #require(FileName("x"))
        let upload = try harness.home().upload(name, in: .incoming, mode: .replace(exclusively: false))
        try upload.write("1234", at: 0)
        #expect(throws: HomeFault.notAllowed) { try upload.resize(to: 5) }
        try upload.resize(to: 4)
        try upload.resize(to: 2)
        #expect(throws: HomeFault.notAllowed) { try upload.resize(to: 4) }
        try upload.close()
        #expect(try harness.home().entry(named: name, in: .incoming).size == 2)
    }

    @Test func `unsealed bytes of one sender are bounded over all its directories`() throws {
        var limits = SpoolLimits.forTests
        limits.bytesPerSender = 20
        let harness = try Harness(limits: limits)
        try harness.put("a", "1234567890")
        try harness.put("b", "12345", in: .incomingTest)
        let name = try #require(FileName("c"))
        let upload = try harness.home().upload(name, in: .incoming, mode: .replace(exclusively: false))
        try upload.write("12345", at: 0)
        try upload.write("54321", at: 0)
        #expect(throws: HomeFault.tooManyFiles) { try upload.write("6", at: 5) }
        #expect(throws: HomeFault.tooManyFiles) { try upload.write("6", at: 1_000_000) }
        try harness.put("a", "1234567890", by: .number(6401))
        try harness.home().remove(try #require(FileName("b")), in: .incomingTest)
        try upload.write("67890", at: 5)
        #expect(throws: HomeFault.tooManyFiles) { try upload.write("1", at: 10) }
        try upload.resize(to: 5)
        try upload.write("67890", at: 5)
        try upload.close()

        try harness.reopen()
        #expect(throws: HomeFault.tooManyFiles) { try harness.put("d", "1") }
        try harness.home().remove(name, in: .incoming)
        try harness.put("d", "1")
    }

    @Test func `bytes of a sealed set no longer count`() throws {
        var limits = SpoolLimits.forTests
        limits.bytesPerSender = 20
        let harness = try Harness(limits: limits)
        for number in 1...5 { try harness.putSet(number) }
        #expect(try harness.rows().count == 5)
    }

    @Test func `a set takes eighteen files of names that cannot be parsed, and its own`() throws {
        let harness = try Harness()
        let stem = "DMFA.006400.20260101.00001"
        for number in 10...30 { try harness.put("xx.\(stem).\(number)", "x") }
        try harness.put("FI.\(stem).R.1.1", "<a/>")
        try harness.put("FS.\(stem).R.1.1", "signature")
        try harness.put("GO.\(stem).R.1")
        #expect(try harness.rows().map(\.sealed.parts.count) == [20])
        #expect(try harness.names() == (28...30).map { "xx.\(stem).\($0)" })
    }

    @Test func `ledger and root are their owner's alone`() throws {
        let harness = try Harness()
        try harness.putSet(1)
        func modes() throws -> [Int] {
            try ["", "/ledger.sqlite", "/ledger.sqlite-wal", "/ledger.sqlite-shm"].map {
                let attributes = try FileManager.default.attributesOfItem(atPath: harness.root + $0)
                return try #require(attributes[.posixPermissions] as? Int)
            }
        }
        #expect(try modes() == [0o700, 0o600, 0o600, 0o600])
        let ledger = harness.path("ledger.sqlite")
        try harness.reopen {
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: ledger)
        }
        try harness.putSet(2)
        #expect(try modes() == [0o700, 0o600, 0o600, 0o600])
    }

    @Test func `without time zones the day in Belgium is the same`() throws {
        let zone = try #require(TimeZone(identifier: "Europe/Brussels"))
        // Every half hour around each change of 2000 to 2037, and a day of every month.
        for year in 0..<38 {
            for month in 0..<12 {
                let start = 946_684_800 + Double(year) * 31_556_952 + Double(month) * 2_629_746
                for step in 0..<48 {
                    let time = Date(timeIntervalSince1970: start + Double(step) * 1800)
                    #expect(AnswerStem.day(of: time, in: nil) == AnswerStem.day(of: time, in: zone))
                }
            }
        }
        for hour in 0..<(366 * 24) {
            let time = Date(timeIntervalSince1970: 1_767_225_600 + Double(hour) * 3600)
            #expect(CentralEuropeanTime.offset(at: time) == Double(zone.secondsFromGMT(for: time)))
        }
    }
}
