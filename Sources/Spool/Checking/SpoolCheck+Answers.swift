internal import Exchange
internal import Foundation
internal import GRDB

// Rows of answers and their files, both ways.
extension SpoolCheck {
    private static let chunk = 1000

    /// Every published answer has its FO; the rest of it its reader may have removed.
    func addAnswers(to findings: inout [Finding]) throws {
        var last: Int64 = 0
        while true {
            let answers = try ledger.publishedAnswers(after: last, limit: SpoolCheck.chunk)
            for answer in answers.readable.values {
                let path = "\(answer.sender)/\(answer.mailbox.rawValue)/FO.\(answer.stem)"
                guard try outbox.status(path) == nil else { continue }
                findings.append(
                    Finding(
                        kind: .missingAnswer, ticket: answer.ticket, path: "outbox/\(path)",
                        sentence: "The answer FO.\(answer.stem) to \(answer.sender) is missing."))
            }
            guard let id = answers.last else { return }
            last = id
        }
    }

    /// Every outgoing file is that of an answer, as it was issued.
    func addOutgoingFiles(to findings: inout [Finding]) throws {
        for text in try outbox.names(in: ".") {
            guard let sender = SenderNumber(text) else {
                findings.append(stranger(in: "outbox"))
                continue
            }
            for directory in try outbox.names(in: text) {
                guard let mailbox = Mailbox(rawValue: directory), !mailbox.takesUploads else {
                    findings.append(stranger(in: "outbox/\(text)"))
                    continue
                }
                for name in try outbox.names(in: "\(text)/\(directory)") where !name.hasPrefix(".") {
                    if let finding = try finding(of: name, in: mailbox, of: sender) {
                        findings.append(finding)
                    }
                }
            }
        }
    }

    private func finding(of name: String, in mailbox: Mailbox, of sender: SenderNumber) throws -> Finding? {
        let directory = "\(sender)/\(mailbox.rawValue)"
        let stranger = stranger(in: "outbox/\(directory)")
        guard let prefix = AnswerStem.prefixes.first(where: { name.hasPrefix("\($0).") }) else {
            return stranger
        }
        let found = try ledger.answer(String(name.dropFirst(prefix.count + 1)), of: sender)
        // Its row is told of already.
        if found.fault != nil { return nil }
        guard let answer = found.values.first, answer.mailbox == mailbox,
            let bytes = answer.files.first(where: { $0.name == name })?.bytes
        else { return stranger }
        let path = "\(directory)/\(name)"
        if answer.state == .expired {
            return Finding(
                kind: .leftBehind, ticket: answer.ticket, path: "outbox/\(path)",
                sentence: "The file \(name) of an expired answer to \(sender) was to be removed.")
        }
        // Its reader may remove it at this moment.
        guard try outbox.status(path) != nil, let file = try? outbox.open(path) else { return nil }
        if try file.holds(bytes) { return nil }
        return Finding(
            kind: .changedAnswer, ticket: answer.ticket, path: "outbox/\(path)",
            sentence: "The file \(name) to \(sender) is not as it was issued.")
    }
}

extension OpenFile {
    /// True when the file has these bytes and no other.
    func holds(_ bytes: [UInt8]) throws(SystemFault) -> Bool {
        guard try status().size == UInt64(bytes.count) else { return false }
        var found = [UInt8](repeating: 0, count: bytes.count)
        let count = try found.withUnsafeMutableBytes { buffer in
            Result { () throws(SystemFault) in try read(into: buffer, at: 0) }
        }.get()
        return count == bytes.count && found == bytes
    }
}

extension Ledger {
    /// Published answers in the order in which they were issued, and the last one looked at.
    func publishedAnswers(
        after id: Int64, limit: Int
    ) throws(SpoolFault) -> (readable: Readable<IssuedAnswer>, last: Int64?) {
        try read { db in
            let ids = try Int64.fetchAll(
                db, sql: "SELECT id FROM answer WHERE state = 'published' AND id > ? ORDER BY id LIMIT ?",
                arguments: [id, limit])
            var answers = Readable<IssuedAnswer>()
            for id in ids { try answers.append { try IssuedAnswer(id, from: db) } }
            return (answers, ids.last)
        }
    }

    /// The answer of that stem to the sender, or none.
    func answer(
        _ stem: String, of sender: SenderNumber
    ) throws(SpoolFault) -> Readable<IssuedAnswer> {
        try read { db in
            let id = try Int64.fetchOne(
                db.cachedStatement(sql: "SELECT id FROM answer WHERE sender = ? AND stem = ?"),
                arguments: [sender.description, stem])
            var answers = Readable<IssuedAnswer>()
            if let id { try answers.append { try IssuedAnswer(id, from: db) } }
            return answers
        }
    }
}
