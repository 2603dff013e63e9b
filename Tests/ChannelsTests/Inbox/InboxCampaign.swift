import Exchange
import Foundation
import TestServers
import Testing

@testable import Channels

/// Senders, a reader of answers, a server and a spool that fail at every call, and ends of the process, all by one seed;
/// and the books that must balance at the end.
final class InboxCampaign {
    /// What must become of a file's bytes.
    enum Due {
        case once, atMostOnce, never
    }

    private static let home = "006400/IN"
    private let rig: InboxRig
    private let dies: Bool
    private let trouble: InboxTrouble
    private var generator: SeededGenerator
    private var scripts: [[() -> Void]] = []
    private var lastNumber = 0
    private var lastText = 0
    private var texts: [String: (name: String, due: Due)] = [:]
    private var triggers: [String] = []
    private var published: [String] = []
    private var taken: [String] = []

    init(seed: UInt64, dies: Bool) throws {
        rig = try InboxRig { configuration in
            configuration.interval = 1
            configuration.incompleteDelay = 20_000
        }
        self.dies = dies
        generator = SeededGenerator(seed: seed)
        trouble = InboxTrouble(seed: seed &+ 1_000_000, dies: dies, rig)
    }

    // What senders do.

    private func text(_ name: String, _ due: Due) -> String {
        lastText += 1
        let text = "text \(lastText) " + String(repeating: "x", count: lastText % 40)
        texts[text] = (name, due)
        return text
    }

    private func upload(_ name: String, _ due: Due = .once) -> () -> Void {
        let text = text(name, due)
        return { [rig] in rig.put(name, text) }
    }

    /// The way of one set into the directory.
    private func script() -> [() -> Void] {
        lastNumber += 1
        let stem = "DMFA.006400.20260420.\("\(100_000 + lastNumber)".dropFirst()).R"
        let (declaration, signature) = ("FI.\(stem).1.1", "FS.\(stem).1.1")
        func trigger(_ name: String) -> () -> Void {
            triggers.append(name)
            return { [rig] in rig.put(name, "ignored") }
        }
        switch Int.random(in: 0..<(dies ? 8 : 9), using: &generator) {
        case 0, 1:
            return [upload(declaration), upload(signature)].shuffled(using: &generator) + [
                trigger("GO.\(stem).1")
            ]
        case 2:
            return [
                upload(declaration, .atMostOnce), upload(declaration), upload(signature),
                trigger("GO.\(stem).1"),
            ]
        case 3:
            return [
                upload(declaration, .never), upload(signature, .never),
                { [rig] in rig.put("TD.\(stem).1", "cancel") },
            ]
        case 4:
            return [upload(declaration), upload(signature)]
        case 5:
            return [upload("ZI.\(stem).1.1"), upload("notes \(lastNumber)")]
        case 6:
            let text = text(declaration, .once)
            return [
                { [rig] in rig.put(declaration + ".filepart", text) },
                { [rig] in
                    _ = rig.server.take("\(InboxCampaign.home)/\(declaration).filepart")
                    rig.put(declaration, text)
                }, upload(signature), trigger("GO.\(stem).1"),
            ]
        case 7:
            return [upload(declaration), upload(signature), trigger("GO.\(stem)")]
        default:
            return [trigger("GO.\(stem).1"), upload(declaration), upload(signature)]
        }
    }

    // The course of it.

    func run(steps: Int) {
        for _ in 0..<steps {
            act()
            rig.look(after: TimeInterval.random(in: 0.5...20, using: &generator))
            readAnswers()
            riseFromTheDead()
        }
        while !scripts.isEmpty { act() }
        trouble.end()
        for _ in 0..<3 {
            for _ in 0..<4 { rig.look(after: 700) }
            readAnswers()
            rig.look(after: 25_000)
        }
        rig.look(after: 700)
    }

    private func act() {
        if scripts.count < 6, lastNumber < 60 { scripts.append(script()) }
        for _ in 0..<Int.random(in: 1...3, using: &generator) where !scripts.isEmpty {
            let index = Int.random(in: 0..<scripts.count, using: &generator)
            scripts[index].removeFirst()()
            if scripts[index].isEmpty { scripts.remove(at: index) }
        }
        if published.count < 20, Int.random(in: 0..<4, using: &generator) == 0,
            let sender = SenderNumber("006400")
        {
            published.append(rig.outbox.publish(to: sender))
        }
    }

    private func readAnswers() {
        if Bool.random(using: &generator) { taken += rig.readAnswers() }
    }

    private func riseFromTheDead() {
        if trouble.takeDeath() { rig.restart() }
    }

    // The books.

    func audit() {
        taken += rig.readAnswers()
        let deaths = trouble.deaths
        var seen: [String: Int] = [:]
        for set in rig.intake.sealed {
            for (name, bytes) in set.files {
                let text = String(decoding: bytes, as: UTF8.self)
                seen[text, default: 0] += 1
                #expect(
                    texts[text].map { FileName($0.name)?.escaped == name } == true, "\(name) holds \(text)")
            }
        }
        for (text, (name, due)) in texts {
            let count = seen[text] ?? 0
            switch due {
            case .once: #expect(count == 1, "\(name) was sealed \(count) times")
            case .atMostOnce: #expect(count <= 1, "\(name) was sealed \(count) times")
            case .never: #expect(count == 0, "\(name) was cancelled")
            }
        }
        let sealed = rig.intake.sealed.filter(\.hasTrigger).map(\.name)
        #expect(sealed.sorted() == triggers.sorted())
        #expect(rig.incoming.isEmpty, "left at the server")
        #expect(rig.outgoing.isEmpty && rig.outbox.waiting.isEmpty)
        #expect(trouble.wrongRemovals.isEmpty, "removed before the GO")
        #expect(Set(taken) == Set(published))
        #expect(taken.count <= published.count + deaths)
        if deaths == 0 { #expect(taken.count == published.count && rig.intake.marks.isEmpty) }
    }
}
