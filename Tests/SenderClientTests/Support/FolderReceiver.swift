import Exchange
import Foundation
import Synchronization
import Validation

/// A receiver on a real directory: watches IN, takes the set of every GO, and puts a signed receipt into OUT.
final class FolderReceiver: Sendable {
    let root: String
    private let signet: Signet
    private let codes: [String]
    private let state = Mutex<(taken: [[String: [UInt8]]], isStopped: Bool)>(([], false))

    init(_ signet: Signet, root: String, codes: [String] = []) throws {
        self.signet = signet
        self.root = root
        self.codes = codes
        for directory in ["IN", "OUT"] {
            try FileManager.default.createDirectory(
                atPath: root + "/" + directory, withIntermediateDirectories: true)
        }
        Thread.detachNewThread { [self] in
            while !state.withLock({ $0.isStopped }) {
                try? look()
                usleep(5000)
            }
        }
    }

    /// What was taken, in order; nothing is taken any more.
    func stop() -> [[String: [UInt8]]] {
        state.withLock { state in
            state.isStopped = true
            return state.taken
        }
    }

    private func look() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: root + "/IN")
        for trigger in names.sorted() where trigger.hasPrefix("GO.") {
            let stem = trigger.dropFirst(2)
            var files: [String: [UInt8]] = [:]
            for name in names where !name.hasPrefix("GO.") && name.dropFirst(2).hasPrefix(stem) {
                files[name] = try Array(Data(contentsOf: URL(fileURLWithPath: "\(root)/IN/\(name)")))
            }
            for name in [trigger] + files.keys.sorted() {
                try FileManager.default.removeItem(atPath: "\(root)/IN/\(name)")
            }
            let number = state.withLock { state in
                state.taken.append(files)
                return state.taken.count
            }
            try answer(trigger, number)
        }
    }

    private func answer(_ trigger: String, _ number: Int) throws {
        let document = Signet.receipt(of: trigger, codes: codes, isAccepted: codes.isEmpty)
        let stem = "ACRF.999999.20230420.\(String(number).leftPadded(to: 5)).R"
        let files = [("FO", document), ("FS", try signet.receiverSigner.sign(document)), ("GO", [])]
        for (prefix, bytes) in files {
            try Data(bytes).write(to: URL(fileURLWithPath: "\(root)/OUT/.\(prefix).\(stem)"))
            try FileManager.default.moveItem(
                atPath: "\(root)/OUT/.\(prefix).\(stem)", toPath: "\(root)/OUT/\(prefix).\(stem)")
        }
    }
}
