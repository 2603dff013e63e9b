internal import Exchange
internal import Foundation

/// The sets that come file by file: what lies in the spool for each, by its ticket. Calls wait for the disk.
struct UploadBook: Sendable {
    /// A set as it lies there.
    struct Entry {
        let consignment: any Consignment
        var note: UploadNote
        /// By name.
        let files: [FileName: HomeEntry]

        /// Bytes of a file so far.
        func size(_ name: FileName) -> UInt64 { files[name]?.size ?? 0 }

        /// True when nothing of the file is missing.
        func isComplete(_ name: FileName) -> Bool { note[name] == size(name) }

        /// Forgets a file and its bytes.
        mutating func remove(_ name: FileName) throws(HomeFault) {
            guard note[name] != nil else { throw .noSuchFile }
            if files[name] != nil { try consignment.remove(name) }
            note[name] = nil
        }
    }

    let exchange: WebExchange
    let hands = UploadsInHand()

    /// Begins a set.
    ///
    /// - Parameter text: the name of its GO, or what its names have in common.
    func begin(_ text: String, from caller: WebCaller) throws -> Entry {
        guard let name = FileName(text.hasPrefix("GO.") ? text : "GO." + text) else {
            throw Problem.unprocessable("The name is none.", [Problem.Mention(.malformedTriggerName)])
        }
        let set = try SetComposition.part(name).set
        try exchange.require(.send, of: caller, for: set.purpose)
        let note = UploadNote(trigger: name)
        let consignment = try exchange.intake.begin(
            from: caller.sender, over: .web, in: set.environment.mailbox, note: try note.bytes)
        return Entry(consignment: consignment, note: note, files: [:])
    }

    /// What `body` makes of a set of the caller's, while nobody else changes that set.
    func change<Value>(
        _ ticket: Ticket, of caller: WebCaller, _ body: (inout Entry) throws -> Value
    ) throws -> Value {
        try hands.inTurn(ticket) {
            let consignment = try exchange.intake.consignment(ticket, of: caller.sender)
            // What has another channel's note, or one nobody can read, is not the service's to touch.
            guard let note = UploadNote(consignment.note), consignment.channel == .web else {
                throw HomeFault.noSuchFile
            }
            let purpose = try SetComposition.part(note.trigger).set.purpose
            try exchange.require(.send, of: caller, for: purpose)
            var entry = Entry(
                consignment: consignment, note: note,
                files: Dictionary(try consignment.files().map { ($0.name, $0) }) { first, _ in first })
            let value = try body(&entry)
            if entry.note != note { try consignment.replaceNote(try entry.note.bytes) }
            return value
        }
    }

    /// The name as that of an FI or FS of the set.
    func require(_ name: FileName, in entry: Entry) throws {
        let part = try SetComposition.part(name)
        guard part.kind != .trigger else {
            throw Problem.unprocessable("No GO is sent: closing the set stands for it.", [])
        }
        guard part.set.isSameSet(as: try SetComposition.part(entry.note.trigger).set) else {
            throw SetComposition.Refusal.otherSet(name)
        }
    }

    /// When the set is thrown away if nothing happens to it any more.
    func end(of entry: Entry) -> Date {
        let last = entry.files.values.map(\.modifiedAt).max() ?? entry.consignment.begunAt
        return max(last, entry.consignment.begunAt).addingTimeInterval(exchange.bounds.uploadRetention)
    }
}
