/// A directory of this machine in the place of a file server, for instance one that another server writes in. There is
/// nothing to log in with; below the root no link is followed, and what is written or removed is durable when a call
/// returns.
public struct FolderFileServer: RemoteServer {
    /// What to connect with, as there is nothing to prove.
    public static let logIn = RemoteLogIn(user: "folder", proof: .agent)

    private let root: String
    private let entries: Int

    /// - Parameters:
    ///   - root: made when missing.
    ///   - entries: the most a directory may hold to be listed.
    public init(root: String, entries: Int = 100_000) {
        self.root = root
        self.entries = entries
    }

    public var address: String { root }

    public func connect(
        as logIn: RemoteLogIn, until isAbandoned: @escaping @Sendable () -> Bool
    ) throws(RemoteFault) -> any RemoteFiles {
        do {
            return FolderFiles(root: try OpenDirectory(path: root, making: true), entries: entries)
        } catch {
            throw RemoteFault(.unreachable, "The folder \(root) cannot be opened: \(error)")
        }
    }
}
