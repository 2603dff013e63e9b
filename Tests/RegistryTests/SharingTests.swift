import Dispatch
import Exchange
import Foundation
import GRDB
import Synchronization
import Testing

@testable import Registry

@Suite struct SharingTests {
    @Test func `the revision changes with every change of this and of another process, and not without`()
        throws
    {
        let fixture = try Fixture()
        let other = try Registry.open(at: fixture.path)
        var last = (try fixture.registry.revision(), try other.revision())
        #expect(try fixture.registry.revision() == last.0)
        let number = try fixture.sender(1)
        let changes: [(Registry) throws -> Void] = [
            { try $0.setBlocked(true, number) },
            { try $0.addChannel(NewChannel(kind: .sftp), to: number) },
            { try $0.addKey(key(1), validFrom: nil, validUntil: nil, to: .sftp, of: number) },
            { try $0.addAuthority(certificate(1, isAuthority: true)) },
            { try $0.addRevocationList(revocationList(1, number: nil, at: Fixture.now)) },
            { try $0.remove(number) },
        ]
        for (index, change) in changes.enumerated() {
            try change(index.isMultiple(of: 2) ? fixture.registry : other)
            let now = (try fixture.registry.revision(), try other.revision())
            #expect(now.0 != last.0)
            #expect(now.1 != last.1)
            _ = try fixture.registry.senders()
            #expect(try fixture.registry.revision() == now.0)
            last = now
        }
    }

    @Test func `what one process changes the other sees at its next call`() throws {
        let fixture = try Fixture()
        let daemon = try Registry.open(at: fixture.path, clock: { Fixture.now })
        let number = try fixture.sender(1)
        #expect(try daemon.admit(user: "EXPsender1", key: try key(1)) == nil)
        try fixture.registry.addChannel(
            NewChannel(kind: .sftp, certificates: [certificate(1)], keys: [key(1)], applications: ["dmfa"]),
            to: number)
        let admission = try #require(try daemon.admit(user: "EXPsender1", key: try key(1)))
        #expect(try daemon.standing(of: number, at: Fixture.now)?.channels.first?.certificates.count == 1)
        try fixture.registry.revokeCertificate(certificate(1).fingerprint, of: number, at: Fixture.now)
        #expect(try daemon.standing(of: number, at: Fixture.now)?.channels.first?.certificates.count == 0)
        #expect(try daemon.stillStands(admission))
        try fixture.registry.setBlocked(true, number)
        #expect(try !daemon.stillStands(admission))
        #expect(daemon.activeSenders(on: .sftp).isEmpty)
    }

    @Test func `two processes register at the same time and lose nothing`() throws {
        let fixture = try Fixture()
        let registries = [fixture.registry, try Registry.open(at: fixture.path)]
        let refused = Mutex(0)
        DispatchQueue.concurrentPerform(iterations: 400) { index in
            do {
                // Every number is tried twice, once through each registry.
                try registries[index % 2].register(newSender(1 + index / 2))
            } catch {
                #expect((error as? RegistryFault)?.code == .numberTaken)
                refused.withLock { $0 += 1 }
            }
        }
        #expect(refused.withLock { $0 } == 200)
        #expect(try fixture.registry.senders().count == 200)
        #expect(try registries[1].senders().count == 200)
    }

    @Test func `readers never see half a channel while another process writes`() throws {
        let fixture = try Fixture()
        let writer = try Registry.open(at: fixture.path)
        let number = try fixture.sender(1)
        let isDone = Mutex(false)
        DispatchQueue.concurrentPerform(iterations: 2) { index in
            do {
                if index == 0 {
                    defer { isDone.withLock { $0 = true } }
                    for _ in 0..<60 {
                        try writer.addChannel(
                            NewChannel(kind: .sftp, certificates: [certificate(1)], applications: ["dmfa"]),
                            to: number)
                        try writer.removeChannel(.sftp, of: number)
                    }
                } else {
                    while !isDone.withLock({ $0 }) {
                        let standing = try fixture.registry.standing(of: number, at: Fixture.now)
                        for channel in try #require(standing).channels {
                            #expect(channel.certificates.count == 1)
                            #expect(channel.applications == ["dmfa"])
                        }
                    }
                }
            } catch {
                Issue.record(error)
            }
        }
        #expect(try fixture.registry.standing(of: number, at: Fixture.now)?.channels.isEmpty == true)
    }

    @Test func `a registry held too long by another is in use, and other trouble is unavailable`() {
        #expect(RegistryFault(DatabaseError(resultCode: .SQLITE_BUSY)).code == .inUse)
        let fault = RegistryFault(DatabaseError(resultCode: .SQLITE_FULL, message: "disk is full"))
        #expect(fault.code == .unavailable("disk is full"))
    }

    @Test func `a registry that cannot be read admits nobody`() throws {
        let fixture = try Fixture()
        let number = try fixture.sender(1)
        try fixture.registry.addChannel(NewChannel(kind: .sftp, keys: [key(1)]), to: number)
        let admission = try #require(try fixture.registry.admit(user: "EXPsender1", key: try key(1)))
        try DatabaseQueue(path: fixture.path).write {
            try $0.execute(sql: "ALTER TABLE sshKey RENAME TO lost")
        }
        #expect(throws: DirectoryFault.self) {
            try fixture.registry.admit(user: "EXPsender1", key: try key(1))
        }
        #expect(throws: DirectoryFault.self) { try fixture.registry.stillStands(admission) }
        #expect(throws: DirectoryFault.self) { try fixture.registry.webCertificates(of: number) }
        try DatabaseQueue(path: fixture.path).write {
            try $0.execute(sql: "ALTER TABLE channel RENAME TO gone")
        }
        #expect(fixture.registry.activeSenders(on: .sftp).isEmpty)
    }
}
