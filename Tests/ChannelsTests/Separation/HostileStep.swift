import Exchange
import TestServers

@testable import Channels

/// One thing a sender does: a packet, made without looking at any reply, or the end of its connection and a new one.
struct HostileStep: CustomStringConvertible {
    /// Which of the two senders: 0 or 1.
    let actor: Int
    /// Nil for the end of the connection.
    let packet: SFTPTestPacket?
    let description: String

    /// The sequence of a seed.
    static func sequence(
        _ count: Int, by senders: [SenderNumber], answers: [String], _ chance: inout SeededGenerator
    ) -> [HostileStep] {
        var steps: [HostileStep] = []
        while steps.count < count {
            let actor = Int.random(in: 0...1, using: &chance)
            let names = HostileNames(own: senders[actor], other: senders[1 - actor], answers: answers)
            for (kind, names) in HostileCourse.any(names, &chance) {
                steps.append(HostileStep(actor, kind, UInt32(steps.count), names, &chance))
            }
        }
        return steps
    }

    private init(
        _ actor: Int, _ kind: Kind, _ id: UInt32, _ names: HostileNames, _ chance: inout SeededGenerator
    ) {
        self.actor = actor
        var writing = HostileWriting(packet: SFTPTestPacket(kind.type, id), chance: chance)
        kind.write(&writing, names)
        chance = writing.chance
        packet = kind == .hangUp ? nil : writing.packet
        description = "\(names.own) \(kind)(\(writing.words.joined(separator: ", ")))"
    }

    enum Kind: UInt8, CaseIterable {
        case hangUp = 0
        case open = 3, close, read, write, linkStatus, handleStatus, setStatus, setHandleStatus, openDirectory
        case readDirectory, remove, makeDirectory, removeDirectory, realPath, status, rename, readLink,
            symbolicLink
        case posixRename = 200, hardLink, sync, volume, handleVolume, copyData, unknown, garbage
        /// `open`, as clients ask for a file or bring one.
        case openToRead, openToWrite

        static let weighted =
            allCases + [
                .open, .open, .open, .open, .close, .close, .close, .read, .write, .write, .openDirectory,
            ]
            + [.readDirectory, .readDirectory, .remove, .rename, .rename, .posixRename]

        var type: UInt8 {
            switch self {
            case .garbage: 77
            case .openToRead, .openToWrite: Kind.open.rawValue
            default: min(rawValue, 200)
            }
        }

        func write(_ packet: inout HostileWriting, _ names: HostileNames) {
            switch self {
            case .hangUp: break
            case .open:
                packet.path(names)
                let usual = HostileNames.pick([0x1, 0xA, 0x1A, 0x1A] as [UInt32], &packet.chance)
                let any = UInt32.random(in: 0...0x7F, using: &packet.chance)
                packet.number(Bool.random(using: &packet.chance) ? usual : any)
                packet.attributes(names)
            case .openToRead, .openToWrite:
                packet.path(names)
                packet.number(self == .openToRead ? 0x1 : 0x1A)
                packet.number(0)
            case .close, .handleStatus, .readDirectory: packet.handle(names)
            case .read:
                packet.handle(names)
                packet.long(names)
                packet.number(UInt32.random(in: 0...300_000, using: &packet.chance))
            case .write:
                packet.handle(names)
                packet.long(names)
                packet.text("written by \(names.own)")
            case .openDirectory: packet.path(names, isDirectory: true)
            case .linkStatus, .status, .remove, .removeDirectory, .realPath, .readLink:
                packet.path(names)
            case .setStatus, .makeDirectory:
                packet.path(names)
                packet.attributes(names)
            case .setHandleStatus:
                packet.handle(names)
                packet.attributes(names)
            case .rename, .symbolicLink:
                packet.path(names)
                packet.path(names.aiming(at: nil))
            default: writeExtension(&packet, names)
            }
        }

        private func writeExtension(_ packet: inout HostileWriting, _ names: HostileNames) {
            switch self {
            case .posixRename, .hardLink:
                packet.text("\(self == .hardLink ? "hardlink" : "posix-rename")@openssh.com")
                packet.path(names)
                packet.path(names)
            case .sync:
                packet.text("fsync@openssh.com")
                packet.handle(names)
            case .volume:
                packet.text("statvfs@openssh.com")
                packet.path(names)
            case .handleVolume:
                packet.text("fstatvfs@openssh.com")
                packet.handle(names)
            case .copyData:
                packet.text("copy-data")
                packet.handle(names)
                packet.long(names)
                packet.long(names)
                packet.handle(names)
                packet.long(names)
            default:
                packet.text("users-groups-by-id@openssh.com")
                packet.path(names)
            }
        }
    }
}

/// A packet being written, and the words that describe it.
struct HostileWriting {
    var packet: SFTPTestPacket
    var chance: SeededGenerator
    var words: [String] = []

    mutating func path(_ names: HostileNames, isDirectory: Bool = false) {
        let path = isDirectory ? names.directory(&chance) : names.path(&chance)
        packet = packet.adding(path)
        words.append(
            path.count > 120 ? "\(path.count) bytes" : "\"\(String(decoding: path, as: UTF8.self))\"")
    }

    /// Mostly one this session, or another, was given; on a usual course the first.
    mutating func handle(_ names: HostileNames) {
        let any = HostileNames.pick([1, 1, 1, 1, 1, 1, 2, 2, 3, 4, 5, 0, .max] as [UInt32], &chance)
        let handle = isUsual(names) ? 1 : any
        packet = packet.handle(handle)
        words.append("#\(handle)")
    }

    mutating func number(_ number: UInt32) {
        packet = packet.adding(number)
        words.append("\(number)")
    }

    mutating func long(_ names: HostileNames) {
        let any = HostileNames.pick([0, 0, 0, 1, 7, 1000, 1 << 40, .max] as [UInt64], &chance)
        let number = isUsual(names) ? 0 : any
        packet = packet.adding(number)
        words.append("\(number)")
    }

    private mutating func isUsual(_ names: HostileNames) -> Bool {
        names.aim != nil && Int.random(in: 0..<10, using: &chance) > 0
    }

    mutating func text(_ text: String) {
        packet = packet.adding(text)
        words.append(text)
    }

    mutating func attributes(_ names: HostileNames) {
        switch Int.random(in: 0..<4, using: &chance) {
        case 0:
            number(1)
            long(names)
        case 1:
            number(4)
            number(0o7777)
        case 2:
            number(8)
            number(1)
            number(2)
        default: number(0)
        }
    }
}
