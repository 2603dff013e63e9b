import Crypto
import Exchange
import Foundation
import Glibc
import Spool
import Validation

/// One sender at work, alone on its thread: what it does comes from the seed, what it learns goes to the journal.
final class Sender {
    let number: SenderNumber
    let spool: Spool
    let home: any SenderHome
    let journal: Journal
    let template: Template
    let ground: Ground
    let signer: DocumentSigner
    var chance: Chance
    var sets = 0
    var acts = 0
    /// Acknowledged as good, with their FI.
    var accepted: [(stem: String, document: [UInt8])] = []

    init(
        _ number: SenderNumber, _ seed: Int, _ spool: Spool, _ ground: Ground, _ template: Template,
        _ journal: Journal
    )
        throws
    {
        self.number = number
        self.spool = spool
        self.journal = journal
        self.template = template
        self.ground = ground
        home = try spool.home(of: number, over: .sftp)
        signer = try template.signer("\(number)")
        chance = Chance(seed, stream: Int(number.description) ?? 0)
    }

    func work() {
        for _ in 0..<Int.random(in: 3...6, using: &chance) {
            let act = chance.pick([
                (value: good, weight: 5), (value: consigned, weight: 3), (value: cut, weight: 2),
                (value: cancelled, weight: 1), (value: refused, weight: 2), (value: repeated, weight: 2),
                (value: differing, weight: 1), (value: renamed, weight: 1), (value: fetch, weight: 3),
            ])
            do {
                try act()
            } catch {
                journal.note("fault", number, "\(error)".replacingOccurrences(of: " ", with: "_"))
            }
        }
        journal.note("done", number)
    }

    // MARK: What a sender does

    private func good() throws { try put(newStem(Template.dimona), try document("dimona.xml"), as: "good") }

    private func refused() throws {
        let document = try document("dimona.xml")
        try put(newStem(Template.dimona), document, signing: document + [0x20], as: "refused")
    }

    private func repeated() throws {
        guard let (stem, document) = accepted.randomElement(using: &chance) else { return try good() }
        try put(stem, document, as: "repeat")
    }

    private func differing() throws {
        guard let (stem, _) = accepted.randomElement(using: &chance) else { return try good() }
        try put(stem, try document("dimona.xml"), as: "differs")
    }

    private func cut() throws {
        let stem = newStem(Template.dimona)
        let document = try document("dimona.xml")
        let name = try name("FI.\(stem).1")
        let upload = try home.upload(name, in: .incoming, mode: .replace(exclusively: false))
        try append(Array(document.prefix(document.count / 2)), to: upload)
        upload.abandon()
        guard chance.happens(50) else { return }
        let again = try home.upload(name, in: .incoming, mode: .resume)
        try append(Array(document[Int(again.size)...]), to: again)
        try close(again, name, document)
        try write(try self.name("FS.\(stem).1"), try signer.sign(document, at: Date()))
        try trigger(stem, as: "good")
    }

    private func cancelled() throws {
        let stem = newStem(Template.dimona)
        let document = try document("dimona.xml")
        for prefix in ["FI", "FS"] { try write(try name("\(prefix).\(stem).1"), document) }
        for prefix in ["FI", "FS"] { journal.note("gone", number, "\(prefix).\(stem).1") }
        try write(try name("TD.\(stem)"), [])
    }

    private func renamed() throws {
        let stem = newStem(Template.dimona)
        let document = try document("dimona.xml")
        let temporary = try name("upload.tmp")
        try write(temporary, document)
        journal.note("gone", number, "upload.tmp")
        let final = try name("FI.\(stem).1")
        try wait { home.rename(temporary, to: final, in: .incoming, replacing: true, completion: $0) }
        journal.note("file", number, "FI.\(stem).1", digest(document))
        try write(try name("FS.\(stem).1"), try signer.sign(document, at: Date()))
        try trigger(stem, as: "good")
    }

    /// Hands a set over whole, as the web service does.
    private func consigned() throws {
        let stem = newStem(Template.dmfa)
        let document = try document("dmfa.xml")
        let mark = HandoverMark("web:\(number):\(stem)")
        let note: [UInt8]? = chance.happens(50) ? Array("crash".utf8) : nil
        let set = try spool.begin(from: number, over: .web, in: .incoming, note: note)
        if note != nil { journal.note("noted", set.ticket, number, mark.text) }
        for (prefix, bytes) in [("FI", document), ("FS", try signer.sign(document, at: Date()))] {
            let upload = try set.upload(try name("\(prefix).\(stem).1"), mode: .replace(exclusively: false))
            try append(bytes, to: upload)
            try wait { upload.close(completion: $0) }
        }
        if chance.happens(10) {
            journal.note("discarding", set.ticket)
            return set.discard()
        }
        let fingerprint = try Digest(SHA256.hash(data: document)).required()
        let closing = try name("GO.\(stem)")
        for _ in 0..<2 {
            let act = begin("good", "GO.\(stem)")
            do {
                try wait {
                    set.seal(as: closing, hasTrigger: true, mark: (mark, fingerprint), completion: $0)
                }
                return journal.note("ok", act)
            } catch {
                journal.note("failed", act, "\(error)".replacingOccurrences(of: " ", with: "_"))
                if try spool.handedOver(mark) != nil { return journal.note("marked", act) }
            }
        }
    }

    /// Reads the answers that lie there, and perhaps removes them.
    private func fetch() throws {
        for entry in try home.entries(in: .outgoing) where entry.name.escaped.hasPrefix("GO.") {
            let stem = String(entry.name.escaped.dropFirst(3))
            let document = try read("FO.\(stem)")
            _ = try read("FS.\(stem)")
            journal.note("receipt", number, stem, digest(document))
            guard chance.happens(60) else { continue }
            journal.note("removing", number, stem)
            for prefix in ["GO", "FO", "FS"].shuffled(using: &chance) {
                try home.remove(try name("\(prefix).\(stem)"), in: .outgoing)
            }
        }
        takeDeliveries()
    }

    /// The back-end's part: what it finds it takes away.
    private func takeDeliveries() {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: ground.delivered)) ?? []
        where Ticket(name) != nil && chance.happens(50) {
            journal.note("take", name)
            _ = Glibc.rename("\(ground.delivered)/\(name)", "\(ground.taken)/\(name)")
        }
    }
}
