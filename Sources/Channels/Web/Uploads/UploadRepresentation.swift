internal import Exchange
internal import Foundation

/// A set on its way in file by file, as its sender is shown it.
struct UploadRepresentation: Encodable {
    /// The ticket the set will have.
    let ticket: String
    /// The name of its GO.
    let name: String
    /// The directory it would lie in over other channels.
    let directory: Mailbox
    let begunAt: Date
    /// When it is thrown away if nothing happens to it.
    let expiresAt: Date
    let files: [File]

    struct File: Encodable {
        let name: String
        /// Bytes so far.
        let size: UInt64
        /// Bytes it will have.
        let length: UInt64
        let isComplete: Bool
        /// Where it is written, relative to the service.
        let location: String

        init(_ name: FileName, of entry: UploadBook.Entry) {
            self.name = name.escaped
            size = entry.size(name)
            length = entry.note[name] ?? size
            isComplete = entry.isComplete(name)
            location = "/v1/uploads/\(entry.consignment.ticket)/files/\(name.escaped)"
        }
    }

    init(_ entry: UploadBook.Entry, expiresAt: Date) {
        ticket = entry.consignment.ticket.description
        name = entry.note.trigger.escaped
        directory = entry.consignment.mailbox
        begunAt = entry.consignment.begunAt
        self.expiresAt = expiresAt
        files = entry.note.files.map { File($0, of: entry) }
    }
}
