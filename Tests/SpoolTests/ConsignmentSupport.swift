import Crypto
import Exchange
import Foundation
import Testing

@testable import Spool

extension Harness {
    func begin(
        by sender: SenderNumber = .first, over channel: ChannelKind = .web, in mailbox: Mailbox = .incoming,
        note: String? = nil
    ) throws -> any Consignment {
        try spool.begin(from: sender, over: channel, in: mailbox, note: note.map { Array($0.utf8) })
    }

    /// A set of one part begun, filled and sealed; returns its ticket.
    @discardableResult
    func consign(
        _ number: Int, by sender: SenderNumber = .first, mark: HandoverMark? = nil,
        _ fingerprint: String = "it"
    ) throws -> Ticket {
        let consignment = try begin(by: sender)
        let stem = Harness.stem(number, by: sender)
        try consignment.put("FI.\(stem).1.1", "<a/>")
        try consignment.put("FS.\(stem).1.1", "signature")
        try consignment.seal("GO.\(stem).1", mark: mark.map { ($0, .of(fingerprint)) })
        return consignment.ticket
    }

    /// What lies in the directory of a consignment.
    func consigned(_ ticket: Ticket) -> [String] { files("consigned/\(ticket)") }
}

extension Consignment {
    func put(_ name: String, _ text: String = "x") throws {
        let upload = try upload(try #require(FileName(name)), mode: .replace(exclusively: false))
        try upload.write(text, at: 0)
        try upload.close()
    }

    func seal(
        _ name: String, hasTrigger: Bool = true, mark: (HandoverMark, fingerprint: Exchange.Digest)? = nil
    ) throws {
        let name = try #require(FileName(name))
        try settled { seal(as: name, hasTrigger: hasTrigger, mark: mark, completion: $0) }.get()
    }

    func text(_ name: String) throws -> String {
        let download = try download(try #require(FileName(name)))
        var bytes = [UInt8](repeating: 0, count: Int(download.size) + 10)
        let count = try bytes.withUnsafeMutableBytes { try download.read(into: $0, at: 0) }
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    var noteText: String? { note.map { String(decoding: $0, as: UTF8.self) } }
}

extension Exchange.Digest {
    static func of(_ text: String) -> Exchange.Digest {
        Exchange.Digest(sha256: SHA256.hash(data: Array(text.utf8)))
    }
}
