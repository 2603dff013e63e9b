import Crypto
import Exchange
import Foundation
import Spool
import Validation

/// What must be true once a spool that met a fault was started cleanly and came to rest.
struct Aftermath {
    private let ground: Ground
    private let template: Template
    private let journal: [[String]]
    private(set) var violations: [String] = []
    private(set) var sets = 0

    init(_ ground: Ground, _ template: Template) {
        self.ground = ground
        self.template = template
        journal = Journal.lines(ground.journal)
    }

    private mutating func require(_ isTrue: Bool, _ sentence: @autoclosure () -> String) {
        if !isTrue { violations.append(sentence()) }
    }

    /// Opens the spool, waits until it is at rest, and looks at everything.
    mutating func examine() {
        do {
            let instance = try Instance(ground, template, patience: 0.02)
            do {
                require(try instance.settles(within: 60), "the spool did not come to rest")
                try look(instance.spool)
            } catch {
                violations.append("\(error)")
            }
            instance.close()
            for finding in try SpoolCheck.findings(at: ground.spool, pause: 0) where !isReaders(finding) {
                violations.append(
                    "spool check: \(finding.kind.rawValue) \(finding.path ?? ""): \(finding.sentence)")
            }
        } catch {
            violations.append("the spool could not be opened: \(error)")
        }
    }

    /// A reader's removal of an answer may not have been noted when the process ended.
    private func isReaders(_ finding: SpoolCheck.Finding) -> Bool {
        finding.kind == .missingAnswer
            && journal.contains { $0[0] == "removing" && finding.path?.hasSuffix("FO.\($0[2])") == true }
    }

    private mutating func look(_ spool: Spool) throws {
        let rows = try spool.ledger.sets(limit: .max, includingSettled: true)
        let counts = try spool.ledger.counts()
        sets = rows.count
        require(
            counts.isConserved && counts.received == rows.count,
            "sets were lost: \(counts), \(rows.count) rows")
        require(counts.held == 0, "sets are on hold: \(rows.filter { $0.state == .held }.map(\.deferral))")
        // A ledger that stays read-only leaves open whether its last write counts, and so the answer.
        let isReadOnly = Journal.lines(ground.faults).contains { $0.starts(with: ["fired", "read-only"]) }
        require(isReadOnly || !journal.contains { $0.first == "hang" }, "a call was never answered")
        try lookAtTriggers(rows)
        try lookAtReceipts(rows)
        try lookAtDeliveries(rows)
        try lookAtFiles(rows, spool)
        lookAtConsignments(spool)
    }

    /// Every acknowledged GO is a set, and none is more than one.
    private mutating func lookAtTriggers(_ rows: [SetRow]) throws {
        var tries: [String: [(act: String, kind: String)]] = [:]
        for line in journal where line[0] == "go" {
            tries["\(line[2]) \(line[3])", default: []].append((line[1], line[4]))
        }
        let acknowledged = Set(journal.filter { $0[0] == "ok" }.map { $0[1] })
        let byName = Dictionary(grouping: rows) { "\($0.sealed.sender) \($0.sealed.name.escaped)" }
        for (name, attempts) in tries {
            let found = byName[name] ?? []
            let certain = attempts.filter { acknowledged.contains($0.act) }
            // A GO that waits for its files may be sent again before they come; it is one GO then.
            let early = certain.count { $0.kind.hasSuffix("-early") }
            let least = certain.count - max(0, early - 1)
            require(found.count >= least, "\(name): \(certain.count) acknowledged, \(found.count) sets")
            require(found.count <= attempts.count, "\(name): \(attempts.count) sent, \(found.count) sets")
            let first = found.filter { $0.repeatOf == nil && $0.state == .routed }
            require(first.count <= 1, "\(name): accepted \(first.count) times")
            if attempts.count == 1, certain.count == 1, let row = found.first {
                switch attempts[0].kind {
                case "good":
                    require(
                        row.state == .routed, "\(name): \(row.state.rawValue) \(row.codes.map(\.errorID))")
                case "refused": require(row.state == .refused, "\(name): \(row.state.rawValue)")
                default: break
                }
            }
        }
        for name in byName.keys where tries[name] == nil { violations.append("\(name): a set nobody sent") }
    }

    /// Every set that is no repeat has one receipt, signed, and whoever read one read that.
    private mutating func lookAtReceipts(_ rows: [SetRow]) throws {
        let certificate = try template.signer("receipts").certificate
        var documents: [String: String] = [:]
        for row in rows {
            guard let answer = row.answer else {
                require(row.repeatOf != nil, "\(row.sealed.ticket) has no receipt")
                continue
            }
            require(row.repeatOf == nil, "the repeat \(row.sealed.ticket) has a receipt of its own")
            let digest = SHA256.hash(data: answer.document).hexadecimal
            documents["\(row.sealed.sender) \(answer.stem)"] = digest
            require(
                SignatureVerifier.isSignature(answer.signature, over: answer.document, by: certificate),
                "the receipt \(answer.stem) does not verify")
        }
        for line in journal where line[0] == "receipt" {
            require(
                documents["\(line[1]) \(line[2])"] == line[3], "\(line[1]) read another receipt \(line[2])")
        }
    }

    /// What is accepted was delivered once, as it came; nothing else was.
    private mutating func lookAtDeliveries(_ rows: [SetRow]) throws {
        let files = FileManager.default
        let lying = Set(
            ((try? files.contentsOfDirectory(atPath: ground.delivered)) ?? []).filter { Ticket($0) != nil })
        let taken = Set(try files.contentsOfDirectory(atPath: ground.taken))
        require(lying.isDisjoint(with: taken), "delivered again: \(lying.intersection(taken))")
        let due = rows.filter { $0.state == .routed && $0.repeatOf == nil }
        require(
            lying.union(taken) == Set(due.map(\.sealed.ticket.description)),
            "not everything, or too much, was delivered")
        for row in due {
            let ticket = row.sealed.ticket.description
            let folder = (taken.contains(ticket) ? ground.taken : ground.delivered) + "/" + ticket
            for part in row.sealed.parts where part.name.escaped.hasPrefix("FI.") {
                let bytes = files.contents(atPath: "\(folder)/\(part.name.escaped)") ?? Data()
                require(
                    Digest(SHA256.hash(data: bytes)) == part.digest,
                    "\(ticket): \(part.name) is not what was received")
            }
        }
    }

    /// Every file whose closing was answered is there still, or went into a set, unless its sender took it back.
    private mutating func lookAtFiles(_ rows: [SetRow], _ spool: Spool) throws {
        var last: [String: String?] = [:]
        for line in journal {
            if line[0] == "file" { last["\(line[1]) \(line[2])"] = line[3] }
            if line[0] == "gone" { last["\(line[1]) \(line[2])"] = .some(nil) }
        }
        var sealed: Set<String> = []
        for row in rows {
            for part in row.sealed.parts {
                sealed.insert("\(row.sealed.sender) \(part.name.escaped) \(part.digest)")
            }
        }
        for (name, digest) in last {
            guard let digest, !sealed.contains("\(name) \(digest)") else { continue }
            let elements = name.split(separator: " ")
            let path = "\(ground.spool)/arriving/\(elements[0])/IN/\(elements[1])"
            let bytes = FileManager.default.contents(atPath: path)
            require(
                bytes.map { SHA256.hash(data: $0).hexadecimal } == digest,
                "the file \(name) was taken and is not there")
        }
    }

    /// What was begun with a note outlives everything until it is sealed or discarded.
    private mutating func lookAtConsignments(_ spool: Spool) {
        let discarded = Set(journal.filter { $0[0] == "discarding" }.map { $0[1] })
        for line in journal where line[0] == "noted" && !discarded.contains(line[1]) {
            guard let ticket = Ticket(line[1]), let sender = SenderNumber(line[2]) else { continue }
            let isThere = (try? spool.consignment(ticket, of: sender)) != nil
            let isSealed = (try? spool.handedOver(HandoverMark(line[3]))) ?? nil
            require(
                isThere != (isSealed != nil),
                "the noted set \(ticket): open \(isThere), sealed \(isSealed != nil)")
        }
    }
}
