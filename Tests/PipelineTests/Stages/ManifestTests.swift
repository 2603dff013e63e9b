import Exchange
import Foundation
import Testing

@testable import Pipeline

struct ManifestTests {
    private static let fields: Set<String> = [
        "version", "ticket", "name", "sender", "enterprise", "application", "purpose", "environment",
        "channel",
        "channelCode", "receivedAt", "decidedAt", "files",
    ]

    private func object(_ manifest: Manifest) throws -> [String: Any] {
        let json = try JSONEncoder.stable.encode(manifest)
        return try #require(JSONSerialization.jsonObject(with: json) as? [String: Any])
    }

    @Test func `the manifest says what arrived and what it stood on`() throws {
        let (set, record, signers) = try Evidence.accepted()
        let manifest = try object(Manifest(record, of: set))
        #expect(Set(manifest.keys) == ManifestTests.fields)
        #expect(manifest["version"] as? Int == 1)
        #expect(manifest["ticket"] as? String == set.ticket.description)
        #expect(manifest["sender"] as? String == "006400")
        #expect(manifest["enterprise"] as? String == "0401234560")
        #expect(manifest["environment"] as? String == "R")
        #expect(manifest["channelCode"] as? Int == 14)
        #expect(manifest["receivedAt"] as? String == "2023-04-20T10:00:00.000Z")
        let files = try #require(manifest["files"] as? [[String: Any]])
        #expect(files.map { $0["name"] as? String } == set.parts.prefix(2).map(\.name.escaped))
        #expect(files.map { $0["sha256"] as? String } == set.parts.prefix(2).map(\.digest.description))
        #expect(files.allSatisfy { ($0["forms"] as? [String: Int]) == ["DMFA": 1] })
        let certificates = files.map { ($0["signature"] as? [String: Any])?["certificate"] as? String }
        #expect(certificates == signers.map(\.certificate.fingerprint.description))
    }

    @Test(arguments: [(ChannelKind.ftp, 0), (.web, 13), (.sftp, 14), (.folder, 9)])
    func `the manifest has the code of the channel the set came over`(channel: ChannelKind, code: Int) throws
    {
        let (set, record, _) = try Evidence.accepted()
        let sealed = SealedSet(
            ticket: set.ticket, sender: set.sender, channel: channel, mailbox: set.mailbox,
            receivedAt: set.receivedAt, name: set.name, hasTrigger: true, parts: set.parts)
        #expect(try object(Manifest(record, of: sealed))["channelCode"] as? Int == code)
    }

    @Test func `parts with the same bytes stand in it under their own names and signatures`() throws {
        let stem = "DMFA.006400.20230420.00001.R.2"
        let (set, record, signers) = try Evidence.accepted(digests: ["FI.\(stem).1": 9, "FI.\(stem).2": 9])
        let manifest = Manifest(record, of: set)
        #expect(manifest.files.map(\.name.escaped) == ["FI.\(stem).1", "FI.\(stem).2"])
        #expect(manifest.files.map { $0.signature?.certificate } == signers.map(\.certificate.fingerprint))
    }

    @Test func `a set accepted without signatures has none in its manifest`() throws {
        var (set, record, _) = try Evidence.accepted()
        record.signatures = []
        set = try Fixtures.set("\(set.name)", set.parts.prefix(2).map(\.name.escaped))
        record.documents = set.parts.map { Evidence.document($0.digest) }
        #expect(Manifest(record, of: set).files.map { $0.signature == nil } == [true, true])
    }

    @Test func `the same set gives the same bytes, and they can be read back`() throws {
        let (set, record, _) = try Evidence.accepted()
        let first = try JSONEncoder.stable.encode(Manifest(record, of: set))
        let second = try JSONEncoder.stable.encode(Manifest(DecisionRecord(json: record.json()), of: set))
        #expect(first == second)
        let manifest = try JSONDecoder().decode(Manifest.self, from: first)
        #expect(manifest.ticket == set.ticket && manifest.files.count == 2)
    }

    @Test func `the manifest keeps its published schema, with and without signatures`() throws {
        let schema = try JSONSchema.manifest()
        var (set, record, _) = try Evidence.accepted()
        #expect(try schema.faults(in: JSONEncoder.stable.encode(Manifest(record, of: set))) == [])
        set = try Fixtures.set("\(set.name)", set.parts.prefix(2).map(\.name.escaped))
        record.signatures = []
        record.documents = set.parts.map { Evidence.document($0.digest) }
        #expect(try schema.faults(in: JSONEncoder.stable.encode(Manifest(record, of: set))) == [])
    }

    @Test func `the schema does not take anything`() throws {
        let schema = try JSONSchema.manifest()
        var (set, record, _) = try Evidence.accepted()
        record.environment = .simulation
        record.application = nil
        set = SealedSet(
            ticket: Ticket(.form, counter: 1), sender: set.sender, channel: .sftp, mailbox: .incoming,
            receivedAt: set.receivedAt, name: set.name, hasTrigger: true, parts: [])
        let faults = try schema.faults(in: JSONEncoder.stable.encode(Manifest(record, of: set)))
        #expect(faults.count == 4, "\(faults)")
    }
}
