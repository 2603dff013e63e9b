import Exchange
import Foundation
import Registry
import Testing

@Suite struct AdmissionTests {
    enum Channel: CaseIterable { case sftp, folderOnly, none }
    enum Name: CaseIterable { case own, otherCase, otherSender, unknown, notAUser }
    enum Revocation: CaseIterable { case none, past, now, future }
    enum Window: CaseIterable { case unbounded, open, notYet, ended, endsNow, beginsNow }

    struct Case {
        let channel: Channel
        let isBlocked: Bool
        let revocation: Revocation
        let window: Window

        /// Whether the right user with the right key may log in.
        var stands: Bool {
            channel == .sftp && !isBlocked && (revocation == .none || revocation == .future)
                && (window == .unbounded || window == .open || window == .beginsNow)
        }

        static let all: [Case] = Channel.allCases.flatMap { channel in
            [false, true].flatMap { isBlocked in
                Revocation.allCases.flatMap { revocation in
                    Window.allCases.map {
                        Case(channel: channel, isBlocked: isBlocked, revocation: revocation, window: $0)
                    }
                }
            }
        }
    }

    private func arrange(_ item: Case, _ number: SenderNumber, in fixture: Fixture) throws {
        let registry = fixture.registry
        let now = Fixture.now
        if item.channel == .folderOnly { try registry.addChannel(NewChannel(kind: .folder), to: number) }
        if item.channel == .sftp {
            try registry.addChannel(NewChannel(kind: .sftp), to: number)
            let bounds: (Date?, Date?) =
                switch item.window {
                case .unbounded: (nil, nil)
                case .open: (now - 1, now + 1)
                case .notYet: (now + 1, nil)
                case .ended: (nil, now - 1)
                case .endsNow: (nil, now)
                case .beginsNow: (now, nil)
                }
            try registry.addKey(key(7), validFrom: bounds.0, validUntil: bounds.1, to: .sftp, of: number)
            let fingerprint = try #require(try fixture.channel(.sftp, of: number).keys.first).fingerprint
            let revokedAt: Date? =
                switch item.revocation {
                case .none: nil
                case .past: now - 1
                case .now: now
                case .future: now + 1
                }
            if let revokedAt { try registry.revokeKey(fingerprint: fingerprint, of: number, at: revokedAt) }
        }
        try registry.setBlocked(item.isBlocked, number)
    }

    @Test func `only the right user with the right key on an active sender's channel is admitted`() throws {
        let fixture = try Fixture()
        try fixture.sender(999, user: "EXPbystander")
        var admitted = 0
        for (index, item) in Case.all.enumerated() {
            let sender = try fixture.sender(1000 + index, user: "EXPuser\(index)")
            try arrange(item, sender, in: fixture)
            for name in Name.allCases {
                let user =
                    switch name {
                    case .own: "EXPuser\(index)"
                    case .otherCase: "EXPUser\(index)"
                    case .otherSender: "EXPbystander"
                    case .unknown: "EXPnobody"
                    case .notAUser: "root"
                    }
                for seed: UInt8 in [7, 8] {
                    let admission = try fixture.registry.admit(user: user, key: try key(seed))
                    let isExpected = item.stands && name == .own && seed == 7
                    #expect((admission != nil) == isExpected, "\(item) \(name) \(seed)")
                    guard let admission else { continue }
                    admitted += 1
                    #expect(admission.sender == sender)
                    #expect(admission.user.description == user)
                    #expect(admission.channel == .sftp)
                    #expect(try fixture.registry.stillStands(admission))
                }
            }
        }
        #expect(admitted == Case.all.filter(\.stands).count)
        #expect(admitted == 6)
    }

    /// A fresh admission, and the fixture it stands in.
    private func admitted() throws -> (Fixture, Admission) {
        let fixture = try Fixture()
        let number = try fixture.sender(1)
        try fixture.registry.addChannel(NewChannel(kind: .sftp, keys: [key(1)]), to: number)
        let admission = try #require(try fixture.registry.admit(user: "EXPsender1", key: try key(1)))
        #expect(try fixture.registry.stillStands(admission))
        return (fixture, admission)
    }

    @Test func `a session falls when its sender is blocked and stands again when not`() throws {
        let (fixture, admission) = try admitted()
        try fixture.registry.setBlocked(true, admission.sender)
        #expect(try !fixture.registry.stillStands(admission))
        try fixture.registry.setBlocked(false, admission.sender)
        #expect(try fixture.registry.stillStands(admission))
    }

    @Test func `a session falls when its key is revoked`() throws {
        let (fixture, admission) = try admitted()
        let fingerprint = try #require(try fixture.channel(.sftp, of: admission.sender).keys.first)
            .fingerprint
        try fixture.registry.revokeKey(fingerprint: fingerprint, of: admission.sender, at: Fixture.now)
        #expect(try !fixture.registry.stillStands(admission))
    }

    @Test func `a session falls when its channel or its sender is removed`() throws {
        let (fixture, admission) = try admitted()
        try fixture.registry.removeChannel(.sftp, of: admission.sender)
        #expect(try !fixture.registry.stillStands(admission))
        let (second, other) = try admitted()
        try second.registry.remove(other.sender)
        #expect(try !second.registry.stillStands(other))
        try second.sender(2, user: "EXPsender1")
        #expect(try !second.registry.stillStands(other))
    }

    @Test func `a session falls when the validity of its key ends`() throws {
        let fixture = try Fixture()
        let number = try fixture.sender(1)
        try fixture.registry.addChannel(NewChannel(kind: .sftp), to: number)
        try fixture.registry.addKey(
            key(1), validFrom: nil, validUntil: Fixture.now + 10, to: .sftp, of: number)
        let admission = try #require(try fixture.registry.admit(user: "EXPsender1", key: try key(1)))
        let later = try Registry.open(at: fixture.path, clock: { Fixture.now + 10 })
        #expect(try fixture.registry.stillStands(admission))
        #expect(try !later.stillStands(admission))
        #expect(try later.admit(user: "EXPsender1", key: try key(1)) == nil)
    }

    @Test func `an admission to another channel or by another user stands for nothing`() throws {
        let (fixture, admission) = try admitted()
        let other = try #require(TechnicalUser("EXPother"))
        let key = admission.key
        #expect(
            try !fixture.registry.stillStands(
                Admission(sender: admission.sender, user: admission.user, channel: .ftp, key: key)))
        #expect(
            try !fixture.registry.stillStands(
                Admission(sender: admission.sender, user: other, channel: .sftp, key: key)))
    }
}
