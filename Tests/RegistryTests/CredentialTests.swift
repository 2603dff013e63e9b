import Exchange
import Foundation
import Registry
import Testing

@Suite struct CredentialTests {
    private let now = Fixture.now

    private func standing(_ fixture: Fixture, at time: Date, on kind: ChannelKind = .sftp) throws
        -> [CertificateFacts]
    {
        let standing = try #require(try fixture.registry.standing(of: number(6400), at: time))
        return try #require(standing.channels.first { $0.kind == kind }).certificates
    }

    private func prepared(_ channels: NewChannel...) throws -> (Fixture, SenderNumber) {
        let fixture = try Fixture()
        let number = try fixture.sender(6400)
        for channel in channels { try fixture.registry.addChannel(channel, to: number) }
        return (fixture, number)
    }

    @Test func `a renewed certificate overlaps the old one`() throws {
        let (fixture, sender) = try prepared(NewChannel(kind: .sftp))
        let (old, new) = (try certificate(1), try certificate(2))
        try fixture.registry.addCertificate(old, validFrom: nil, validUntil: now + 100, to: .sftp, of: sender)
        try fixture.registry.addCertificate(new, validFrom: now, validUntil: nil, to: .sftp, of: sender)
        #expect(try standing(fixture, at: now - 1) == [old])
        #expect(Set(try standing(fixture, at: now)) == [old, new])
        #expect(Set(try standing(fixture, at: now + 99.999)) == [old, new])
        #expect(try standing(fixture, at: now + 100) == [new])
    }

    @Test func `a certificate past its own date still stands, so that the decision can say expired`() throws {
        let (fixture, _) = try prepared(NewChannel(kind: .sftp, certificates: [try certificate(1)]))
        #expect(try standing(fixture, at: now + 1_000_000) == [try certificate(1)])
    }

    @Test func `a revoked certificate stands until that time, on no channel after it`() throws {
        let facts = try certificate(1)
        let (fixture, sender) = try prepared(
            NewChannel(kind: .sftp, certificates: [facts]), NewChannel(kind: .folder, certificates: [facts]))
        try fixture.registry.revokeCertificate(facts.fingerprint, of: sender, at: now)
        for kind in [ChannelKind.sftp, .folder] {
            #expect(try standing(fixture, at: now - 1, on: kind) == [facts])
            #expect(try standing(fixture, at: now, on: kind) == [])
        }
        #expect(try fixture.channel(.sftp, of: sender).certificates.first?.revokedAt == now)
    }

    @Test func `a second revocation only brings the time forward`() throws {
        let facts = try certificate(1)
        let (fixture, sender) = try prepared(NewChannel(kind: .sftp, certificates: [facts]))
        for time in [now + 50, now + 90, now + 20] {
            try fixture.registry.revokeCertificate(facts.fingerprint, of: sender, at: time)
        }
        #expect(try fixture.channel(.sftp, of: sender).certificates.first?.revokedAt == now + 20)
    }

    @Test func `what was revoked is not taken back, not even after its channel was removed`() throws {
        let facts = try certificate(1)
        let (fixture, sender) = try prepared(
            NewChannel(kind: .sftp, certificates: [facts], keys: [try key(1)]))
        let fingerprint = try #require(try fixture.channel(.sftp, of: sender).keys.first).fingerprint
        try fixture.registry.revokeCertificate(facts.fingerprint, of: sender, at: now)
        try fixture.registry.revokeKey(fingerprint: fingerprint, of: sender, at: now)
        try fixture.registry.removeChannel(.sftp, of: sender)
        expectFault(.revoked) {
            try fixture.registry.addChannel(NewChannel(kind: .sftp, certificates: [facts]), to: sender)
        }
        try fixture.registry.addChannel(NewChannel(kind: .sftp), to: sender)
        expectFault(.revoked) {
            try fixture.registry.addKey(key(1), validFrom: nil, validUntil: nil, to: .sftp, of: sender)
        }
    }

    @Test func `a certificate is bound to one sender, on as many channels as it likes`() throws {
        let facts = try certificate(1)
        let (fixture, sender) = try prepared(
            NewChannel(kind: .sftp, certificates: [facts]), NewChannel(kind: .web, certificates: [facts]))
        let other = try fixture.sender(1)
        expectFault(.certificateOfAnotherSender) {
            try fixture.registry.addChannel(NewChannel(kind: .sftp, certificates: [facts]), to: other)
        }
        try fixture.registry.removeChannel(.sftp, of: sender)
        expectFault(.certificateOfAnotherSender) {
            try fixture.registry.addChannel(NewChannel(kind: .sftp, certificates: [facts]), to: other)
        }
        try fixture.registry.removeChannel(.web, of: sender)
        try fixture.registry.addChannel(NewChannel(kind: .sftp, certificates: [facts]), to: other)
    }

    @Test func `two senders may use one key, each under its own user`() throws {
        let (fixture, sender) = try prepared(NewChannel(kind: .sftp, keys: [try key(1)]))
        let other = try fixture.sender(1)
        try fixture.registry.addChannel(NewChannel(kind: .sftp, keys: [key(1)]), to: other)
        #expect(try fixture.registry.admit(user: "EXPsender6400", key: try key(1))?.sender == sender)
        #expect(try fixture.registry.admit(user: "EXPsender1", key: try key(1))?.sender == other)
    }

    @Test func `the same certificate or key twice on one channel is refused`() throws {
        let (fixture, sender) = try prepared(
            NewChannel(kind: .sftp, certificates: [try certificate(1)], keys: [try key(1)]))
        expectFault(.alreadyExists) {
            try fixture.registry.addCertificate(
                certificate(1), validFrom: nil, validUntil: nil, to: .sftp, of: sender)
        }
        expectFault(.alreadyExists) {
            try fixture.registry.addKey(key(1), validFrom: nil, validUntil: nil, to: .sftp, of: sender)
        }
    }

    @Test func `a validity that ends before it begins is refused`() throws {
        let (fixture, sender) = try prepared(NewChannel(kind: .sftp))
        for end in [now, now - 1] {
            expectFault(.invalid) {
                try fixture.registry.addCertificate(
                    certificate(1), validFrom: now, validUntil: end, to: .sftp, of: sender)
            }
            expectFault(.invalid) {
                try fixture.registry.addKey(key(1), validFrom: now, validUntil: end, to: .sftp, of: sender)
            }
        }
    }

    @Test func `a missing channel and an unknown fingerprint are named`() throws {
        let (fixture, sender) = try prepared(NewChannel(kind: .sftp))
        expectFault(.channelMissing) {
            try fixture.registry.addCertificate(
                certificate(1), validFrom: nil, validUntil: nil, to: .web, of: sender)
        }
        expectFault(.channelMissing) {
            try fixture.registry.addKey(key(1), validFrom: nil, validUntil: nil, to: .web, of: sender)
        }
        expectFault(.unknownFingerprint) {
            try fixture.registry.revokeCertificate(certificate(1).fingerprint, of: sender, at: now)
        }
        expectFault(.unknownFingerprint) {
            try fixture.registry.revokeKey(fingerprint: "SHA256:none", of: sender, at: now)
        }
    }

    @Test func `another sender cannot revoke a certificate`() throws {
        let facts = try certificate(1)
        let (fixture, _) = try prepared(NewChannel(kind: .sftp, certificates: [facts]))
        let other = try fixture.sender(1)
        expectFault(.unknownFingerprint) {
            try fixture.registry.revokeCertificate(facts.fingerprint, of: other, at: now)
        }
        #expect(try standing(fixture, at: now) == [facts])
    }

    @Test func `a certificate under a false fingerprint is refused`() throws {
        let (fixture, sender) = try prepared(NewChannel(kind: .sftp))
        let real = try certificate(1)
        let false1 = CertificateFacts(
            der: real.der, fingerprint: try certificate(2).fingerprint, subject: real.subject,
            issuer: real.issuer,
            owner: real.owner, company: real.company, serialDecimal: real.serialDecimal,
            serialHexadecimal: real.serialHexadecimal, notBefore: real.notBefore, notAfter: real.notAfter,
            keyKind: real.keyKind, keyBits: real.keyBits, isAuthority: true)
        expectFault(.invalid) {
            try fixture.registry.addCertificate(
                false1, validFrom: nil, validUntil: nil, to: .sftp, of: sender)
        }
        expectFault(.invalid) { try fixture.registry.addAuthority(false1) }
    }

    @Test func `a key is shown as OpenSSH shows it`() throws {
        let (fixture, sender) = try prepared(NewChannel(kind: .sftp))
        let file = fixture.directory.appendingPathComponent("id").path
        _ = try output(of: ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", file])
        let line = try String(contentsOfFile: file + ".pub", encoding: .utf8)
        try fixture.registry.addKey(
            SSHPublicKey(file: line), validFrom: nil, validUntil: nil, to: .sftp, of: sender)
        let record = try #require(try fixture.channel(.sftp, of: sender).keys.first)
        #expect(record.line == line.trimmingCharacters(in: .whitespacesAndNewlines))
        let listed = try output(of: ["ssh-keygen", "-l", "-f", file + ".pub"]).split(separator: " ")
        #expect(listed.prefix(2) == ["\(record.bits)", Substring(record.fingerprint)])
    }

    private func output(of arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return String(decoding: data, as: UTF8.self)
    }
}
