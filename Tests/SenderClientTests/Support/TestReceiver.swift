import Exchange
import Synchronization
import Validation

@testable import SenderClient

/// The receiver behind a `MemoryServer`: takes the set of every GO and answers it with a signed receipt.
final class TestReceiver: Sendable {
    /// What one GO took.
    struct Taken: Sendable, Equatable {
        let trigger: String
        let files: [String: [UInt8]]
    }

    private let signet: Signet
    private let codes: [String]
    private let answers: Bool
    let taken = Mutex<[Taken]>([])
    private let published = Mutex(0)

    /// - Parameter codes: refuses with these.
    init(_ signet: Signet, codes: [String] = [], answers: Bool = true) {
        self.signet = signet
        self.codes = codes
        self.answers = answers
    }

    /// Looks whether a file that was written is a GO, and takes its set at once.
    func take(_ directory: String, _ name: String, _ contents: inout MemoryServer.Contents) {
        guard directory.hasSuffix("IN"), name.hasPrefix("GO.") else { return }
        note(name, in: directory, &contents)
        for file in files(of: name, in: directory, contents).keys {
            contents.directories[directory]?[file] = nil
        }
        contents.directories[directory]?[name] = nil
        publish(name, in: directory, &contents)
    }

    /// One step of a receiver that polls: a GO is noted and removed in one, the files in the next.
    func poll(_ server: MemoryServer) {
        server.contents.withLock { contents in
            let names = contents.directories["IN"].map { Array($0.keys) } ?? []
            let noted = taken.withLock { $0.map(\.trigger) }
            for trigger in noted where !names.contains(trigger) {
                let left = files(of: trigger, in: "IN", contents).keys
                guard !left.isEmpty else { continue }
                for file in left { contents.directories["IN"]?[file] = nil }
                publish(trigger, in: "IN", &contents)
            }
            for trigger in names where trigger.hasPrefix("GO.") {
                note(trigger, in: "IN", &contents)
                contents.directories["IN"]?[trigger] = nil
            }
        }
    }

    private func files(
        of trigger: String, in directory: String, _ contents: MemoryServer.Contents
    ) -> [String: [UInt8]] {
        let stem = trigger.dropFirst(2)
        return (contents.directories[directory] ?? [:]).filter {
            !$0.key.hasPrefix("GO") && $0.key.dropFirst(2).hasPrefix(stem)
        }.mapValues(\.bytes)
    }

    private func note(_ trigger: String, in directory: String, _ contents: inout MemoryServer.Contents) {
        let files = files(of: trigger, in: directory, contents)
        taken.withLock { $0.append(Taken(trigger: trigger, files: files)) }
    }

    private func publish(_ trigger: String, in directory: String, _ contents: inout MemoryServer.Contents) {
        guard answers else { return }
        let number = published.withLock { count in
            count += 1
            return count
        }
        let home = directory.split(separator: "/").dropLast().joined(separator: "/")
        put(
            Signet.receipt(of: trigger, codes: codes, isAccepted: codes.isEmpty), number,
            in: home.isEmpty ? "OUT" : home + "/OUT", &contents)
    }

    /// Puts a signed answer into an outgoing directory.
    func put(
        _ document: [UInt8], _ number: Int, in directory: String = "OUT", purpose: String = "ACRF",
        _ contents: inout MemoryServer.Contents
    ) {
        let digits = String(number)
        let stem =
            "\(purpose).999999.20230420." + String(repeating: "0", count: 5 - digits.count) + digits + ".R"
        guard let signature = try? signet.receiverSigner.sign(document) else { return }
        contents.put(document, "FO." + stem, in: directory)
        contents.put(signature, "FS." + stem, in: directory)
        contents.put([], "GO." + stem, in: directory)
    }
}

extension ProgressScreen {
    /// Tells nobody anything.
    static var silent: ProgressScreen { ProgressScreen(isQuiet: true) }
}
