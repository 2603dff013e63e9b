/// What a scripted FTP server has and does. Without any change it is a good one that knows MLSD.
public struct ScriptedFTPScript: Sendable {
    public enum Listing: Sendable {
        /// MLSD, and LIST as `ls -l`.
        case machine
        case unix
        case dos
        /// LIST answers with lines nobody can read; NLST has names.
        case namesOnly
    }

    public enum DataEnd: Sendable {
        /// The data connection is closed there and the server says so (426).
        case broken
        /// The data connection is closed there and the server says that all is well.
        case brokenButPraised
        /// Nothing more comes, and nothing is closed.
        case stall
        /// From there on ten bytes a second.
        case trickle
        /// The control connection is closed with it.
        case hangUp
    }

    /// The contents of the one directory there is.
    public var files: [String: [UInt8]] = [:]
    public var listing = Listing.machine
    /// So many more entries in a listing than there are files.
    public var emptyFiles = 0
    /// What happens to data connections, downloads and listings, after so many bytes.
    public var dataEnd: (after: Int, DataEnd)?
    /// Told by SIZE and MLSD in the place of the truth.
    public var size: UInt64?
    /// Answers in the place of those the server would give, by verb. Nothing is done then.
    public var answers: [String: String] = [:]
    /// Verbs that are never answered; the empty one is the greeting.
    public var silence: Set<String> = []
    /// A verb whose answer is a line without an end.
    public var endlessAnswer: String?
    /// A verb whose answer has lines without an end.
    public var endlessLines: String?
    /// A file is not put in the place of another (553).
    public var refusesReplacement = false
    /// EPSV is not known, and PASV names another host.
    public var misleadsPassive = false
    /// It listens at `::1`.
    public var isIPv6 = false
    /// The connection is closed after so many commands.
    public var commandsAtMost = Int.max

    public init(files: [String: [UInt8]] = [:]) {
        self.files = files
    }
}
