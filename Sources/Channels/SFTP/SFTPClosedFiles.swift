internal import Exchange
internal import Foundation

/// The uploads this session closed, or renamed to their last name, a moment ago. A set leaves its directory the
/// moment it is sealed, but many clients ask for the size of a file right after uploading it and call a missing
/// file a failed upload (paramiko's `put`, WinSCP after its rename): they are told what they closed, for a
/// while.
struct SFTPClosedFiles {
    struct File: Hashable {
        let mailbox: Mailbox
        let name: FileName
    }

    private static let longest: TimeInterval = 60
    private static let most = 32

    private var files: [(file: File, size: UInt64, closedAt: Date)] = []

    mutating func add(_ file: File, size: UInt64, at now: Date) {
        remove(file)
        if files.count == SFTPClosedFiles.most { files.removeFirst() }
        files.append((file, size, now))
    }

    mutating func remove(_ file: File) {
        files.removeAll { $0.file == file }
    }

    func entry(_ file: File, at now: Date) -> HomeEntry? {
        guard let closed = files.last(where: { $0.file == file }),
            now.timeIntervalSince(closed.closedAt) <= SFTPClosedFiles.longest
        else { return nil }
        return HomeEntry(name: file.name, size: closed.size, modifiedAt: closed.closedAt)
    }
}
