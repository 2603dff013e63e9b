import Exchange
import Foundation

/// What a sender does on any channel. Everything throws when the channel refuses.
protocol SenderChannel: Sendable {
    var instance: Instance { get }
    var sender: Sender { get }
    /// Puts files in their order.
    func put(_ files: [File], in mailbox: Mailbox) throws
    /// Begins to put a file; the connection breaks after its first half.
    func putHalf(of file: File, in mailbox: Mailbox) throws
    func rename(_ name: String, to newName: String, in mailbox: Mailbox) throws
    func list(_ mailbox: Mailbox) throws -> [String]
    func get(_ name: String, from mailbox: Mailbox) throws -> [UInt8]
    func remove(_ name: String, in mailbox: Mailbox) throws
}

extension SenderChannel {
    /// Every answer there is now. A GO must never be seen before its FO and FS can be read.
    func answers(in mailbox: Mailbox) throws -> [Receipt] {
        try list(mailbox).filter { $0.hasPrefix("GO.") }.map { trigger in
            let stem = String(trigger.dropFirst(3))
            return try Receipt(
                stem: stem, document: get("FO." + stem, from: mailbox),
                signature: get("FS." + stem, from: mailbox),
                from: instance)
        }
    }

    /// Waits for the receipt about a file, by its name in the receipt, and returns it.
    func receipt(for name: String, in mailbox: Mailbox = .outgoing, besides known: Set<String> = []) throws
        -> Receipt
    {
        var seen = known
        var found: Receipt?
        let isThere = try eventually {
            for trigger in try list(mailbox) where trigger.hasPrefix("GO.") && seen.insert(trigger).inserted {
                let stem = String(trigger.dropFirst(3))
                let receipt = try Receipt(
                    stem: stem, document: get("FO." + stem, from: mailbox),
                    signature: get("FS." + stem, from: mailbox),
                    from: instance)
                if receipt.fileName == name { found = receipt }
            }
            return found != nil
        }
        guard isThere, let found else {
            throw Program.Fault(
                description: "no receipt about \(name) in \(mailbox.rawValue); log: \(instance.log)")
        }
        return found
    }

    /// Sends a whole set, GO last, and waits for its receipt.
    func send(_ set: FileSet, in mailbox: Mailbox = .incoming) throws -> Receipt {
        try put(set.files, in: mailbox)
        return try receipt(for: set.trigger.name, in: mailbox.answers)
    }
}
