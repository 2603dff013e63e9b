import Exchange
import Foundation
import Testing

@testable import Pipeline
@testable import Validation

/// Sets and names for tests of single stages. The clock stands at 20 April 2023, 12:00 in Belgium.
enum Fixtures {
    static let noon = Date(timeIntervalSince1970: 1_681_984_800)
    static let today = CalendarDate(year: 2023, month: 4, day: 20)

    static func sender(_ number: String = "006400") throws -> SenderNumber {
        try #require(SenderNumber(number))
    }

    static func name(_ text: String) throws -> FileName { try #require(FileName(text)) }

    static func digest(_ seed: UInt8) throws -> Digest {
        try #require(Digest([UInt8](repeating: seed, count: 32)))
    }

    static func ticket(_ counter: Int64 = 1) -> Ticket { Ticket(.set, counter: counter) }

    /// A set with files of these names; each has 100 bytes and a digest of its own unless said otherwise.
    static func set(
        _ name: String, _ files: [String], in mailbox: Mailbox = .incoming, sizes: [String: Int64] = [:],
        digests: [String: UInt8] = [:], hasTrigger: Bool = true
    ) throws -> SealedSet {
        let parts = try files.sorted().enumerated().map { index, file in
            SealedSet.Part(
                name: try Fixtures.name(file), size: sizes[file] ?? 100,
                digest: try digest(digests[file] ?? UInt8(index + 1)))
        }
        return SealedSet(
            ticket: ticket(), sender: try sender(), channel: .sftp, mailbox: mailbox, receivedAt: noon,
            name: try Fixtures.name(name), hasTrigger: hasTrigger, parts: parts)
    }

    /// GO, FI and FS of one stem such as `DMFA.006400.20230420.00001.R.2`, whole.
    static func whole(
        _ stem: String = "DMFA.006400.20230420.00001.R.1", in mailbox: Mailbox = .incoming,
        sizes: [String: Int64] = [:], digests: [String: UInt8] = [:]
    ) throws -> SealedSet {
        let total = Int(stem.split(separator: ".").last ?? "1") ?? 1
        let files = (1...total).flatMap { ["FI.\(stem).\($0)", "FS.\(stem).\($0)"] }
        return try set("GO.\(stem)", files, in: mailbox, sizes: sizes, digests: digests)
    }

    /// The codes a stage refuses with, sorted; none when it does not refuse.
    static func codes<Evidence>(_ judge: () throws(StageFailure) -> Evidence) -> [Int] {
        findings(judge).map(\.code.rawValue).sorted()
    }

    static func findings<Evidence>(_ judge: () throws(StageFailure) -> Evidence) -> [Finding] {
        do {
            _ = try judge()
            return []
        } catch {
            guard case .refused(let findings) = error else {
                Issue.record("a deferral: \(error)")
                return []
            }
            return findings
        }
    }

    static func record(
        _ verdict: DecisionRecord.Verdict, _ codes: [ReceptionCode] = [],
        fileName: String = "GO.DMFA.006400.20230420.00001.R.1",
        at time: Date = noon
    ) throws -> DecisionRecord {
        let set = try whole()
        let findings = codes.map { Finding($0, detail: "x.") }
        return DecisionRecord(
            ticket: set.ticket, fileName: try name(fileName), sender: set.sender, channel: .sftp,
            mailbox: .incoming,
            receivedAt: noon, decidedAt: time, verdict: verdict,
            checks: [
                .init(
                    phase: "name", rule: "r", inputs: [:], verdict: codes.isEmpty ? .passed : .refused,
                    findings: findings)
            ],
            signatures: [], documents: [], policy: DecisionPolicy())
    }
}
