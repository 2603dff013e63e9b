public import struct Foundation.Date
public import typealias Foundation.TimeInterval

/// What channels know of the spool: for each sender a virtual home of six directories, in which closing a GO hands
/// over a set. Implemented by the spool; safe to call from any thread.
public protocol Intake: Sendable {
    /// The home of `sender` as seen over `channel`. All homes of one sender show the same files.
    func home(of sender: SenderNumber, over channel: ChannelKind) throws(HomeFault) -> any SenderHome
}

/// A sender's virtual home. Calls without completion return promptly (page cache, never a sync); what must reach
/// the disk first is answered through a completion, called once, on a thread of the spool.
public protocol SenderHome: Sendable {
    /// Seconds for which nothing new of this sender is wanted, because too many of its sets were refused one after
    /// another; 0 otherwise. What comes nevertheless is taken.
    var pause: TimeInterval { get }

    /// Everything a sender may see in one directory, in no order. In the outgoing directories: published answers.
    func entries(in mailbox: Mailbox) throws(HomeFault) -> [HomeEntry]

    /// `.noSuchFile` when there is none.
    func entry(named name: FileName, in mailbox: Mailbox) throws(HomeFault) -> HomeEntry

    /// Opens a file of an incoming directory for writing; makes it when missing. The newest upload of a file owns it:
    /// an older one still open fails with `.superseded` at its next call. A set already sealed is not touched: its
    /// files are gone from the directory.
    func upload(_ name: FileName, in mailbox: Mailbox, mode: UploadMode) throws(HomeFault) -> any Upload

    /// Opens for reading a file of either kind of directory (a sender may read back what is not yet sealed).
    func download(_ name: FileName, in mailbox: Mailbox) throws(HomeFault) -> any Download

    /// Renames inside one incoming directory. `replacing` as POSIX rename; otherwise an existing target is
    /// `.alreadyExists`. Renaming a file to a GO, TD or other telling name has the effect of closing it under that
    /// name, so the completion may wait for the set to be sealed.
    func rename(
        _ name: FileName, to newName: FileName, in mailbox: Mailbox, replacing: Bool,
        completion: @escaping @Sendable (Result<Void, HomeFault>) -> Void)

    /// Removes a file that is not sealed, or a published answer.
    func remove(_ name: FileName, in mailbox: Mailbox) throws(HomeFault)
}

public enum UploadMode: Sendable, Hashable {
    /// Begins empty, whatever was there. With `exclusively`, an existing file is `.alreadyExists`.
    case replace(exclusively: Bool)
    /// Keeps what is there; writing goes on at any offset up to the present size.
    case resume
}

public struct HomeEntry: Sendable, Hashable {
    public let name: FileName
    /// Bytes.
    public let size: UInt64
    public let modifiedAt: Date

    public init(name: FileName, size: UInt64, modifiedAt: Date) {
        self.name = name
        self.size = size
        self.modifiedAt = modifiedAt
    }
}

/// One file being written. Calls come from one thread at a time.
public protocol Upload: Sendable {
    /// Bytes so far.
    var size: UInt64 { get }
    /// Writes all of `bytes` at `offset`. `.tooLarge` past the limit; `.outOfSpace` below the disk floor.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(HomeFault)
    /// Cuts or extends with zeros.
    func resize(to size: UInt64) throws(HomeFault)
    /// Syncs what was written; for `fsync@openssh.com`.
    func sync(completion: @escaping @Sendable (Result<Void, HomeFault>) -> Void)
    /// Ends the upload. For a GO the completion comes when the set is sealed durably, and only then.
    func close(completion: @escaping @Sendable (Result<Void, HomeFault>) -> Void)
    /// The connection broke: the bytes stay, to be resumed; nothing is triggered.
    func abandon()
}

/// One file being read. Calls come from one thread at a time.
public protocol Download: Sendable {
    /// Bytes, fixed when opened.
    var size: UInt64 { get }
    /// Fills `buffer` from `offset`; returns the number of bytes, 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(HomeFault) -> Int
    func close()
}

/// Why an operation in a home was not done.
public enum HomeFault: Error, Sendable, Hashable {
    case noSuchFile
    case alreadyExists
    /// Not in that directory: writing in OUT, a rename between directories.
    case notAllowed
    /// The file now belongs to a newer upload or to a sealed set.
    case superseded
    /// More bytes than one file may have.
    case tooLarge
    /// More files in one directory than allowed.
    case tooManyFiles
    /// The disk is below its floor; try later.
    case outOfSpace
    /// The disk failed; the sentence is for the log, not for the peer.
    case failed(String)
}
