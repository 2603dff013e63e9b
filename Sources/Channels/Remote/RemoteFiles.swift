/// One logged-in connection to someone else's file server, or to a folder that stands for one: what inboxes,
/// destinations and the sender's client do there.
///
/// Calls block their thread until done or until a time-out of the server's settings; they come from one thread at a
/// time. After a fault with `breaksConnection` only `close` may follow.
public protocol RemoteFiles: AnyObject {
    /// Everything in a directory but `.` and `..`, in no order. At most as many entries as the settings allow: one
    /// more is `.tooMany`.
    func list(_ directory: RemotePath) throws(RemoteFault) -> [RemoteEntry]

    /// Hands the bytes of a file from `offset` to its end to `take`, piece by piece; what `take` throws ends it, and
    /// is the cause of `.stopped`.
    func read(
        _ path: RemotePath, from offset: UInt64, _ take: (UnsafeRawBufferPointer) throws -> Void
    ) throws(RemoteFault)

    /// Writes a file. At offset 0 it begins anew, otherwise it goes on where a broken upload ended. `give` fills the
    /// buffer and returns the number of bytes, 0 at the end; what it throws ends the upload as `.stopped`. Returns when
    /// the server has confirmed the file.
    func write(
        _ path: RemotePath, from offset: UInt64, _ give: (UnsafeMutableRawBufferPointer) throws -> Int
    ) throws(RemoteFault)

    /// The size of a file; nil when the server does not tell. `.noSuchFile` when there is none.
    func size(of path: RemotePath) throws(RemoteFault) -> UInt64?

    /// Renames a file, in the place of one that has the new name. Not in one step on every server.
    func rename(_ path: RemotePath, to newPath: RemotePath) throws(RemoteFault)

    /// `.noSuchFile` when there is none.
    func remove(_ path: RemotePath) throws(RemoteFault)

    /// `.alreadyExists` when it is there.
    func makeDirectory(_ path: RemotePath) throws(RemoteFault)

    /// Ends the connection. Harmless when repeated.
    func close()

    /// Small files that are worth handing to one `writeAll`, so that they need not wait for each other; 1 where
    /// nothing is gained.
    var filesAtOnce: Int { get }

    /// Writes the files of many sets. In each set the last file is begun when the server has confirmed the others.
    /// `done` is told of each set, by its place in `sets`, once: nil when all its files are confirmed, or the refusal
    /// that kept its last one from being written. A refusal ends its set only. What is thrown ends everything, and says
    /// nothing of the sets that `done` was not told of; so does what `done` or the source of a file throws, as
    /// `.stopped`.
    func writeAll(
        _ sets: [[RemoteUpload]], done: (_ set: Int, _ refusal: RemoteFault?) throws -> Void
    ) throws(RemoteFault)

    /// `size(of:)` of many files, in their order; what is thrown is what breaks the connection.
    func sizes(of paths: [RemotePath]) throws(RemoteFault) -> [Result<UInt64?, RemoteFault>]
}

extension RemoteFiles {
    /// Whether there is a file. A server that tells no sizes is asked for a listing.
    func has(_ path: RemotePath) throws(RemoteFault) -> Bool {
        do {
            if try size(of: path) != nil { return true }
            guard let (directory, name) = path.parted else { return false }
            return try list(directory).contains { $0.name == name }
        } catch {
            guard error.kind == .noSuchFile else { throw error }
            return false
        }
    }
}

/// Where connections come from. Safe to call from any thread; each connection is one thread's.
public protocol RemoteServer: Sendable {
    /// `host:port` as shown to people, without any secret.
    var address: String { get }

    /// Connects and logs in. `isAbandoned` is asked about once a second while a server far away is waited for, now and in
    /// every later call; once it is true, that ends as `.stopped`. Servers that nobody waits for need not ask.
    func connect(
        as logIn: RemoteLogIn, until isAbandoned: @escaping @Sendable () -> Bool
    ) throws(RemoteFault) -> any RemoteFiles
}

extension RemoteServer {
    /// The same for those who wait as long as it takes.
    public func connect(as logIn: RemoteLogIn) throws(RemoteFault) -> any RemoteFiles {
        try connect(as: logIn, until: { false })
    }

    /// `host:port`, and `[host]:port` for an address of IPv6.
    static func address(of host: String, _ port: Int) -> String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}

/// One entry of a directory at a server.
public struct RemoteEntry: Sendable, Hashable {
    /// What an entry is, as far as it matters here.
    public enum Kind: Sendable, Hashable {
        case file
        case directory
        /// A link, a device, or what the server does not say.
        case other
    }

    /// As the server wrote it; any bytes.
    public let name: [UInt8]
    public let kind: Kind
    /// Bytes; nil when the listing does not tell.
    public let size: UInt64?
    /// The time of the last change in whatever words and precision the server has; only ever compared for equality.
    public let stamp: String
    /// The same in seconds since 1970, where the server tells it to the second.
    public let modifiedAt: Double?

    public init(name: [UInt8], kind: Kind, size: UInt64?, stamp: String, modifiedAt: Double?) {
        self.name = name
        self.kind = kind
        self.size = size
        self.stamp = stamp
        self.modifiedAt = modifiedAt
    }
}
