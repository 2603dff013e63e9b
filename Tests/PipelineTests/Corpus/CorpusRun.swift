import Exchange
import Foundation
import Registry
import Spool
import Testing
import Validation

@testable import Pipeline

/// Plays one case in a world: a sender of its own, over the real spool and pipeline.
final class CorpusRun {
    let play: CorpusCase
    let world: World
    let cast: Cast
    let client: HomeClient
    private let today = Date().calendarDate
    /// What was written under each name.
    private var written: [FileName: [UInt8]] = [:]
    /// The last GO, or what stands for it.
    private var trigger: FileName?
    /// What had been written when the last GO was.
    private var sealed: [FileName: [UInt8]] = [:]
    private var receipts: [ReceivedReceipt] = []

    init(_ play: CorpusCase) throws {
        self.play = play
        world = try World.shared(play.world)
        cast = try Cast(in: world)
        client = HomeClient(
            home: try world.spool.home(of: cast.sender, over: play.channel), mailbox: play.directory)
    }

    func run() async throws {
        for step in play.steps { try await take(step) }
        try await meet(play.expect)
        if let left = play.left {
            let names = try Set(left.map(name))
            let present = try client.names()
            #expect(present == names)
        }
        try CaseAudit(self).audit()
    }

    private func take(_ step: CorpusStep) async throws {
        if let stem = step.set { return try await putSet(try fill(stem), step) }
        if let file = step.put { return try await put(try name(file), step) }
        if let file = step.sign { return try await sign(try name(file), step) }
        if let file = step.rename {
            let (old, new) = (try name(file), try name(step.to ?? ""))
            written[new] = written.removeValue(forKey: old)
            noteTrigger(new)
            return try await client.rename(old, to: new)
        }
        if let file = step.remove { return try client.home.remove(try name(file), in: play.directory) }
        if let file = step.change { return try await change(try name(file)) }
        if let expectation = step.receive { return try await meet(expectation) }
        if let blocked = step.block { return try world.registry.setBlocked(blocked, cast.sender) }
    }

    // MARK: Writing

    private func putSet(_ stem: String, _ step: CorpusStep) async throws {
        let elements = stem.split(separator: ".", omittingEmptySubsequences: false)
        let documents: [String?] = step.documents ?? [step.document]
        for (index, document) in documents.enumerated() {
            let suffix = elements.count == 6 ? ".\(index + 1)" : ""
            let declaration = try name("FI.\(stem)\(suffix)")
            try await write(declaration, try step.content(document))
            if step.unsigned != true { try await sign(declaration, step) }
        }
        try await write(try name("GO.\(stem)"), [])
    }

    private func put(_ name: FileName, _ step: CorpusStep) async throws {
        if let size = step.size {
            written[name] = []
            return try await client.put(name, zeros: size)
        }
        let content = try step.content()
        if step.cut == true {
            let upload = try client.open(name)
            try upload.append(Array(content.prefix(content.count / 2)))
            return upload.abandon()
        }
        if step.resume == true {
            let upload = try client.open(name, mode: .resume)
            #expect(upload.size > 0, "nothing was kept to resume")
            try upload.append(Array(content.dropFirst(Int(upload.size))))
            written[name] = content
            return try await upload.closed()
        }
        guard step.rival == true else { return try await write(name, content) }
        let rival = try client.open(name)
        try rival.append(Array("an older upload of the same file".utf8))
        try await write(name, content)
        #expect(throws: HomeFault.superseded) { try rival.append([0x20]) }
        rival.abandon()
    }

    private func write(_ name: FileName, _ content: [UInt8]) async throws {
        written[name] = content
        noteTrigger(name)
        // A GO may come first; what came before it is not replaced by what comes after.
        if sealed[name] == nil { sealed[name] = content }
        try await client.put(name, content)
    }

    private func noteTrigger(_ name: FileName) {
        guard !name.escaped.hasPrefix("FI."), !name.escaped.hasPrefix("FS.") else { return }
        trigger = name
        sealed = written
    }

    private func sign(_ declaration: FileName, _ step: CorpusStep) async throws {
        guard let content = written[declaration] else {
            throw CorpusFault(sentence: "\(declaration) was not put before it is signed")
        }
        let form = step.form ?? .usual
        let signer = cast[step.by ?? (form == .pss ? .rsa : .acme)]
        let signature = try form.sign(content, by: signer, and: cast[step.second ?? .renewal])
        let target = try step.to.map(name) ?? name("FS." + declaration.escaped.dropFirst(3))
        try await write(target, signature)
    }

    /// Changes a letter or digit near the end, where a signature has its value, over a connection of its own.
    private func change(_ name: FileName) async throws {
        guard var content = written[name],
            let place = content.indices.suffix(40).first(where: { content[$0] > 0x20 })
        else { throw CorpusFault(sentence: "\(name) was not put before it is changed") }
        content[place] = content[place] == 0x41 ? 0x42 : 0x41
        let upload = try client.open(name, mode: .resume)
        try [content[place]].withUnsafeBytes { try upload.write($0, at: UInt64(place)) }
        written[name] = content
        try await upload.closed()
    }

    // MARK: Reading

    private func meet(_ expectation: Expectation) async throws {
        guard expectation != .pending else {
            try await Task.sleep(for: .milliseconds(300))
            let stray = try client.answers()
            return #expect(stray.isEmpty, "nothing was to be answered")
        }
        let receipt = try await nextReceipt()
        let ticket = try #require(receipt.ticket, "the ticket has a wrong check character")
        if expectation == .again {
            #expect(receipt == receipts.first, "the first receipt was to come again")
            receipts.append(receipt)
            return
        }
        receipts.append(receipt)
        let told = Set(receipt.errors)
        let expected = Set(expectation.codes.map { "ACRF-" + String($0).leftPadded(to: 3) })
        let details = try CorpusRun.details(world.spool.ledger.set(ticket))
        #expect(told == expected, "\(play.says) \(details)")
        #expect(receipt.errors.count == told.count, "a code was told twice")
        #expect(receipt.resultCode == (expected.isEmpty ? "1" : "0"))
        #expect(receipt.typeForm == (expected.isEmpty ? "PA" : "FA"))
        let named = try play.names.map(name) ?? trigger
        #expect(receipt.fileName == named?.escaped)
        try await CaseAudit(self).audit(ticket, as: expectation.codes, holding: sealed)
    }

    /// Waits for exactly one FO, FS and GO, takes them away as senders do, and looks at them.
    private func nextReceipt() async throws -> ReceivedReceipt {
        let found = try await eventually {
            try client.answers().first { $0.escaped.hasPrefix("GO.") }
        }
        let closing = try #require(found, "no receipt came")
        let stem = String(closing.escaped.dropFirst(3))
        let files = try ["FO", "FS", "GO"].map { try name("\($0).\(stem)") }
        let names = try client.answers()
        #expect(names == Set(files), "exactly one FO, FS and GO were to lie there")
        let trigger = try client.read(files[2])
        #expect(trigger.isEmpty)
        let receipt = ReceivedReceipt(
            stem: stem, document: try client.read(files[0]), signature: try client.read(files[1]))
        for file in files { try client.home.remove(file, in: play.directory.answers) }
        try receipt.requireGenuine(by: world.receiptCertificate, in: play.directory)
        return receipt
    }

    /// How many sets of the sender were answered.
    var answered: Int { receipts.count }

    private static func details(_ row: SetRow?) throws -> String {
        guard let json = row?.decisionJSON else { return "" }
        return try DecisionRecord(json: json).findings.map { "\($0.code.rawValue): \($0.detail)" }
            .joined(separator: " | ")
    }

    // MARK: Names

    private func name(_ text: some StringProtocol) throws -> FileName {
        let filled = try fill(String(text))
        guard let name = FileName(escaped: filled) else {
            throw CorpusFault(sentence: "'\(filled)' is no name")
        }
        return name
    }

    private func fill(_ text: String) throws -> String {
        var text = text
        for (key, value) in placeholders { text = text.replacing("{\(key)}", with: value) }
        guard !text.contains("{") else { throw CorpusFault(sentence: "unknown placeholder in '\(text)'") }
        return text
    }

    private var placeholders: [String: String] {
        [
            "sender": cast.sender.description, "other": cast.other.description, "today": today.compact,
            "yesterday": day(-1), "tomorrow": day(1), "oldest": day(-30), "old": day(-31), "week": day(-7),
        ]
    }

    /// Days have 23 or 25 hours when the clocks are changed.
    private func day(_ offset: Int) -> String {
        var belgian = Calendar(identifier: .gregorian)
        belgian.timeZone = Date.brussels
        let day = belgian.date(byAdding: .day, value: offset, to: Date())
        return day?.calendarDate.compact ?? ""
    }
}
