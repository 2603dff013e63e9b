import Crypto
import Exchange
import Foundation
import Synchronization
import Validation

// How a sender does what it does: uploads, waits, and writes down before and after.
extension Sender {
    func put(_ stem: String, _ document: [UInt8], signing other: [UInt8]? = nil, as kind: String) throws {
        let signature = try signer.sign(other ?? document, at: Date())
        var files = [("FI.\(stem).1", document), ("FS.\(stem).1", signature)].shuffled(using: &chance)
        let isEarly = chance.happens(25)
        for attempt in 0..<2 {
            do {
                if isEarly {
                    let act = begin(kind + "-early", "GO.\(stem)")
                    try acknowledge(act) { try write(try name("GO.\(stem)"), []) }
                }
                for (name, bytes) in files { try write(try self.name(name), bytes) }
                if !isEarly { try trigger(stem, as: attempt == 0 ? kind : kind + "-again") }
                if kind == "good", !isEarly, attempt == 0 { accepted.append((stem, document)) }
                return
            } catch {
                journal.note("fault", number, "\(error)".replacingOccurrences(of: " ", with: "_"))
                guard chance.happens(50) else { return }
                files.shuffle(using: &chance)
            }
        }
    }

    func trigger(_ stem: String, as kind: String) throws {
        let act = begin(kind, "GO.\(stem)")
        try acknowledge(act) { try write(try name("GO.\(stem)"), []) }
    }

    func begin(_ kind: String, _ name: String) -> String {
        acts += 1
        let act = "\(number).\(acts)"
        journal.note("go", act, number, name, kind)
        return act
    }

    func acknowledge(_ act: String, _ body: () throws -> Void) throws {
        do {
            try body()
            journal.note("ok", act)
        } catch {
            journal.note("failed", act, "\(error)".replacingOccurrences(of: " ", with: "_"))
            throw error
        }
    }

    func write(_ name: FileName, _ bytes: [UInt8]) throws {
        journal.note("gone", number, name.escaped)
        let upload = try home.upload(name, in: .incoming, mode: .replace(exclusively: false))
        try append(bytes, to: upload)
        try close(upload, name, bytes)
    }

    func append(_ bytes: [UInt8], to upload: any Upload) throws {
        let step = Int.random(in: 200...2000, using: &chance)
        for start in stride(from: 0, to: bytes.count, by: step) {
            let piece = bytes[start..<min(bytes.count, start + step)]
            try piece.withUnsafeBytes { try upload.write($0, at: upload.size) }
            if chance.happens(5) { try wait { upload.sync(completion: $0) } }
        }
    }

    func close(_ upload: any Upload, _ name: FileName, _ bytes: [UInt8]) throws {
        try wait { upload.close(completion: $0) }
        if !name.escaped.hasPrefix("GO."), !name.escaped.hasPrefix("TD.") {
            journal.note("file", number, name.escaped, digest(bytes))
        }
    }

    func read(_ text: String) throws -> [UInt8] {
        let download = try home.download(try name(text), in: .outgoing)
        defer { download.close() }
        var bytes = [UInt8](repeating: 0, count: Int(download.size))
        let count = try bytes.withUnsafeMutableBytes { try download.read(into: $0, at: 0) }
        return Array(bytes.prefix(count))
    }

    /// Waits for a completion; a minute without one is told.
    func wait(_ body: (@escaping @Sendable (Result<Void, HomeFault>) -> Void) -> Void) throws {
        let answer = Answer()
        body { answer.give($0) }
        guard let result = answer.wait(seconds: 60) else {
            journal.note("hang", number)
            throw CampaignFault("a call was never answered")
        }
        try result.get()
    }

    func newStem(_ purpose: String) -> String {
        sets += 1
        let parts = Calendar(identifier: .gregorian).dateComponents(
            in: .gmt, from: Date() - 86_400)
        let day = String(format: "%04d%02d%02d", parts.year ?? 0, parts.month ?? 0, parts.day ?? 0)
        return "\(purpose).\(number).\(day).\(String(format: "%05d", sets)).R.1"
    }

    /// A document no other set has.
    func document(_ name: String) throws -> [UInt8] {
        let text = String(decoding: try template.bytes(name), as: UTF8.self)
        let mark = String(format: "X%08d", Int.random(in: 0..<100_000_000, using: &chance))
        return Array(
            text.replacingOccurrences(of: "CORPUS-0001", with: mark)
                .replacingOccurrences(of: "ABC-2023Q1-0001", with: mark).utf8)
    }

    func name(_ text: String) throws -> FileName { try FileName(text).required() }

    func digest(_ bytes: [UInt8]) -> String { SHA256.hash(data: bytes).hexadecimal }
}

extension SHA256.Digest {
    /// As the spool writes it.
    var hexadecimal: String { map { String(format: "%02x", $0) }.joined() }
}

/// One result on its way to the thread that waits for it.
private final class Answer: Sendable {
    private let result = Mutex<Result<Void, HomeFault>?>(nil)
    private let ready = DispatchSemaphore(value: 0)

    func give(_ result: Result<Void, HomeFault>) {
        self.result.withLock { $0 = result }
        ready.signal()
    }

    func wait(seconds: Double) -> Result<Void, HomeFault>? {
        guard ready.wait(timeout: .now() + seconds) == .success else { return nil }
        return result.withLock { $0 }
    }
}
