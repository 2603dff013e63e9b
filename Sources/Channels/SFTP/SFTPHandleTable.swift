internal import Exchange
internal import Foundation

/// The open files and directories of one session, under numbers that are not used again.
struct SFTPHandleTable {
    struct OpenUpload {
        let upload: any Upload
        let mailbox: Mailbox
        let name: FileName
        let appends: Bool
        /// A write or resize failed: the file is not what the peer meant, and closing it must trigger
        /// nothing.
        var hasFailed = false
        /// A sync is being waited for.
        var isSyncing = false
    }

    struct OpenDownload {
        let download: any Download
        let modifiedAt: Date
    }

    struct OpenDirectory {
        /// What it lists; the lines are made when they are read, a few at a time.
        enum Content {
            case mailboxes
            /// Sorted by name.
            case files([HomeEntry])

            var count: Int {
                switch self {
                case .mailboxes: Mailbox.allCases.count
                case .files(let entries): entries.count
                }
            }
        }

        let content: Content
        let attributes: SFTPAttributes
        var next = 0
    }

    enum Entry {
        case upload(OpenUpload)
        case download(OpenDownload)
        case directory(OpenDirectory)
        /// The answer to CLOSE is being waited for.
        case closing

        var isFile: Bool {
            if case .directory = self { false } else { true }
        }
    }

    /// Directories open at one time: each holds a listing.
    static let mostDirectories = 2

    let limit: Int
    let allowance: SFTPFileAllowance
    private(set) var entries: [UInt32: Entry] = [:]
    private var last: UInt32 = 0

    init(limit: Int, allowance: SFTPFileAllowance) {
        self.limit = limit
        self.allowance = allowance
    }

    var hasRoom: Bool { entries.count < limit && last < .max }

    var hasRoomForDirectory: Bool {
        entries.values.count { !$0.isFile } < SFTPHandleTable.mostDirectories
    }

    /// A file must have been taken from the allowance; it goes back with the handle.
    mutating func add(_ entry: Entry) -> UInt32 {
        last += 1
        entries[last] = entry
        return last
    }

    subscript(handle: UInt32) -> Entry? {
        get { entries[handle] }
        set {
            if newValue == nil, entries[handle]?.isFile == true { allowance.giveBack() }
            entries[handle] = newValue
        }
    }

    mutating func removeAll() -> [Entry] {
        let removed = Array(entries.values)
        entries.removeAll()
        for entry in removed where entry.isFile { allowance.giveBack() }
        return removed
    }
}
