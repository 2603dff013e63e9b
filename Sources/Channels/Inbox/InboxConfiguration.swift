public import Exchange
public import Foundation

extension Inbox {
    /// What an inbox does, and how often. Fixed for its life.
    public struct Configuration: Sendable {
        /// Known to the marks of sets that lie at the server, so it stays the same as long as any do. 1 to 64 of
        /// `a-z`, `0-9` and `-`.
        public let name: String
        /// What the sets count as sent over, and whose answers are carried out.
        public let channel: ChannelKind
        /// Seconds between two looks at one account.
        public var interval: TimeInterval = 60
        /// Connections at the same time, each with a thread of its own.
        public var connections = 4
        /// Seconds nothing is to do after which a connection is not kept any longer.
        public var idle: TimeInterval = 30
        /// Seconds a GO without all its files waits for them, counted from the last change of the set we saw.
        public var earlyTriggerWait: TimeInterval = 5
        /// Seconds after which files without a GO are handed in all the same, to be answered with 130; counted by our own
        /// clock from when they were first seen as they are, after a restart anew.
        public var incompleteDelay: TimeInterval = 86_400
        /// Bytes of one set after which only the first piece of each further file is fetched. Not below what the decision
        /// allows a set, so that it answers with 509.
        public var setLimit: UInt64 = 50_000_000
        /// Makes the directories of each account that are missing.
        public var makesDirectories = false

        public init(name: String, channel: ChannelKind) {
            precondition((1...64).contains(name.utf8.count), "the name of an inbox has 1 to 64 bytes")
            self.name = name
            self.channel = channel
        }

        /// The watched folder: two looks a second, and directories for everybody.
        public static let folder: Configuration = {
            var configuration = Configuration(name: "folder", channel: .folder)
            configuration.interval = 0.5
            configuration.connections = 2
            configuration.makesDirectories = true
            return configuration
        }()
    }
}

/// Where the sets of one sender lie at a server. An inbox has one account of a sender at most.
public struct InboxAccount: Sendable, Hashable {
    public let sender: SenderNumber
    public let logIn: RemoteLogIn
    /// The directory that holds the six of the sender; nil: where the log-in begins.
    public let home: RemotePath?

    public init(sender: SenderNumber, logIn: RemoteLogIn, home: RemotePath?) {
        self.sender = sender
        self.logIn = logIn
        self.home = home
    }

    /// The account of a sender in a watched folder: `<root>/<sender>/`.
    public init(folderOf sender: SenderNumber) {
        self.init(
            sender: sender, logIn: FolderFileServer.logIn, home: RemotePath(sender.description))
    }

    func path(of mailbox: Mailbox) -> RemotePath? {
        home.map { $0.appending(mailbox.rawValue) } ?? RemotePath(mailbox.rawValue)
    }
}
