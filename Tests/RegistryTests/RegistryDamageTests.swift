import Exchange
import Foundation
import GRDB
import TestServers
import Testing

@testable import Registry

/// A registry that lost its end, or part of what it holds, comes back to a whole transaction or is refused with a fault;
/// nobody is in it who was not registered.
@Suite struct RegistryDamageTests {
    /// A registry whose changes are in its log, and what it told after each of them.
    private final class Damaged {
        let fixture = try? Fixture()
        private(set) var snapshots: [[SenderRecord]] = []
        let bytes: Data
        private let file: String
        private let main: Data
        let path: String

        /// - Parameter file: the ending of the one to be damaged: `-wal` or nothing.
        init(_ file: String) throws {
            let fixture = try #require(fixture)
            snapshots.append(try fixture.registry.senders())
            for index in 1...5 {
                let number = try fixture.sender(index)
                snapshots.append(try fixture.registry.senders())
                try fixture.registry.addChannel(
                    NewChannel(
                        kind: .sftp, certificates: [certificate(UInt8(index))], keys: [key(UInt8(index))],
                        applications: ["dmfa"]), to: number)
                snapshots.append(try fixture.registry.senders())
            }
            if file.isEmpty {
                let queue = try DatabaseQueue(path: fixture.path)
                try queue.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
                try queue.close()
            }
            self.file = file
            main = try Data(contentsOf: URL(fileURLWithPath: fixture.path))
            bytes = try Data(contentsOf: URL(fileURLWithPath: fixture.path + file))
            path = fixture.directory.appendingPathComponent("damaged.sqlite").path
        }

        /// Who is registered after the damage; nil when it is refused.
        func senders(after damage: FileDamage) throws -> [SenderRecord]? {
            for ending in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + ending) }
            try main.write(to: URL(fileURLWithPath: path))
            try damage.applied(to: bytes).write(to: URL(fileURLWithPath: path + file))
            do {
                return try Registry.open(at: path, clock: { Fixture.now }).senders()
            } catch {
                #expect(
                    error.sentence.hasPrefix("The registry") || error.code == .newerSchema,
                    "\(damage): \(error)")
                return nil
            }
        }
    }

    @Test func `a log cut, zeroed or changed anywhere comes back to a whole transaction`() throws {
        let log = try Damaged("-wal")
        var seen: Set<Int> = []
        for damage in FileDamage.logPages(of: log.bytes) + FileDamage.bits(150, of: log.bytes) {
            guard let senders = try log.senders(after: damage) else { continue }
            let place = log.snapshots.firstIndex(of: senders)
            #expect(place != nil, "\(damage)")
            seen.insert(place ?? -1)
        }
        #expect(seen == Set(log.snapshots.indices))
    }

    @Test func `a registry cut or zeroed at any page is refused, or holds nothing that was not in it`() throws
    {
        let registry = try Damaged("")
        let whole = try #require(registry.snapshots.last)
        var refused = 0
        for damage in FileDamage.pages(of: registry.bytes) {
            guard let senders = try registry.senders(after: damage) else {
                refused += 1
                continue
            }
            #expect(Set(credentials(of: senders)).isSubset(of: credentials(of: whole)), "\(damage)")
        }
        #expect(refused > 0)
    }

    private func credentials(of senders: [SenderRecord]) -> [String] {
        senders.flatMap { sender in
            ["\(sender.number) \(sender.user)"]
                + sender.channels.flatMap { channel in
                    (channel.certificates.map { "\($0.facts.fingerprint)" } + channel.keys.map(\.line)).map {
                        "\(sender.number) \($0)"
                    }
                }
        }
    }

    @Test func `a registry with a changed bit has no sender, certificate or key too many`() throws {
        let registry = try Damaged("")
        let whole = try #require(registry.snapshots.last)
        var ends: Set<String> = []
        for damage in FileDamage.bits(250, of: registry.bytes) {
            guard let senders = try registry.senders(after: damage) else {
                ends.insert("refused")
                continue
            }
            ends.insert(senders == whole ? "whole" : "changed")
            #expect(senders.count <= whole.count, "\(damage)")
            let channels = senders.flatMap(\.channels)
            #expect(channels.flatMap(\.certificates).count <= whole.count, "\(damage)")
            #expect(channels.flatMap(\.keys).count <= whole.count, "\(damage)")
        }
        #expect(ends.isSuperset(of: ["refused", "whole"]))
    }
}
