internal import Exchange
internal import Foundation
internal import Glibc

/// The sets below `consigned/`, as the disk has them.
///
/// `consigned/<ticket>/` holds the files under their escaped names and, when the set was begun with a note,
/// the note as `~note`. The directory as a whole moves to `held/` when the set is sealed.
struct ConsignedSets: Sendable {
    static let noteName = "~note"
    /// A note on its way to its name.
    static let newNoteName = "~.note"

    let consigned: Directory

    func path(_ name: FileName, _ ticket: Ticket) -> String { "\(ticket)/\(name.escaped)" }

    /// The directory must not be there: tickets are used once.
    func make(_ ticket: Ticket) throws(SystemFault) {
        guard try consigned.makeDirectory(ticket.description) else {
            throw SystemFault(operation: "mkdir", path: ticket.description, code: EEXIST)
        }
    }

    /// Writes a note in the place of the one before, durably.
    func write(_ note: ConsignmentNote, of ticket: Ticket) throws(SystemFault) {
        let temporary = "\(ticket)/\(ConsignedSets.newNoteName)"
        try consigned.remove(temporary)
        let file = try consigned.create(temporary)
        try note.bytes.withUnsafeBytes { buffer in
            Result { () throws(SystemFault) in try file.write(buffer, at: 0) }
        }.get()
        try file.sync()
        try consigned.replace("\(ticket)/\(ConsignedSets.noteName)", with: temporary)
        try consigned.sync(ticket.description)
    }

    /// Nil when there is none, or one that is not ours.
    func note(of ticket: Ticket) throws(SystemFault) -> ConsignmentNote? {
        let path = "\(ticket)/\(ConsignedSets.noteName)"
        guard let status = try consigned.status(path) else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(clamping: status.size))
        let file = try consigned.open(path)
        let count = try bytes.withUnsafeMutableBytes { buffer in
            Result { () throws(SystemFault) in try file.read(into: buffer, at: 0) }
        }.get()
        return ConsignmentNote(bytes: bytes.prefix(count))
    }

    /// The files of a set, without its note. What was being written for the spool's own use is removed.
    func files(of ticket: Ticket) throws(SystemFault) -> [(name: FileName, status: FileStatus)] {
        var files: [(name: FileName, status: FileStatus)] = []
        for text in try consigned.names(in: ticket.description) {
            let path = "\(ticket)/\(text)"
            if text == ConsignedSets.newNoteName || text == HeldSets.copyName {
                try consigned.remove(path)
            } else if let name = FileName(escaped: text), name.escaped == text,
                let status = try consigned.status(path)
            {
                files.append((name, status))
            }
        }
        return files
    }

    /// When something was last written, made or removed.
    func lastChange(of ticket: Ticket) throws(SystemFault) -> Date {
        var last = try consigned.status(ticket.description)?.modifiedAt ?? .distantPast
        for text in try consigned.names(in: ticket.description) {
            if let status = try consigned.status("\(ticket)/\(text)") { last = max(last, status.modifiedAt) }
        }
        return last
    }

    func remove(_ ticket: Ticket) throws(SystemFault) {
        try consigned.removeDirectoryWithFiles(ticket.description)
    }

    /// The tickets that have a directory.
    func tickets() throws(SystemFault) -> [Ticket] {
        try consigned.names(in: ".").compactMap { Ticket($0) }
    }
}
