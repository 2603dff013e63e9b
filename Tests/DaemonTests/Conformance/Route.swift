import Synchronization
import Testing

/// The ways in. Another one is one more case here, and nothing else.
enum Route: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case sftp
    case folder
    /// Someone else's servers, polled.
    case polledSFTP
    case polledFTP
    case polledFTPS
    case web

    var testDescription: String { rawValue }

    /// The channel a sender is registered for.
    var channel: String {
        switch self {
        case .sftp, .polledSFTP: "sftp"
        case .polledFTP, .polledFTPS: "ftp"
        case .folder: "folder"
        case .web: "web"
        }
    }

    /// Domain 1.8.
    var channelCode: Int {
        switch self {
        case .sftp, .polledSFTP: 14
        case .polledFTP, .polledFTPS: 0
        case .web: 13
        case .folder: 9
        }
    }

    /// Those where a sender sees directories: puts a file into any of them, renames, reads back.
    static let withDirectories = allCases.filter { $0 != .web }

    private static let given = Mutex<[Route: Int]>([:])

    /// A new sender with this channel, and a client in its hands.
    func client(_ instance: Instance, _ applications: [String] = ["dimona", "dmfa"]) throws
        -> any SenderChannel
    {
        try client(instance, of: sender(instance, applications))
    }

    func sender(_ instance: Instance, _ applications: [String] = ["dimona", "dmfa"]) throws -> Sender {
        var index: Int?
        if let numbers = OutsideServers.numbers(on: self) {
            index = Route.given.withLock { given in
                let next = given[self].map { $0 + 1 } ?? numbers.lowerBound
                given[self] = next
                return next
            }
            try #require(numbers.contains(index ?? 0), "no number is left for \(rawValue)")
        }
        return try instance.enrol(applications, channel: channel, index: index)
    }

    /// A further client of the same sender.
    func client(_ instance: Instance, of sender: Sender) throws -> any SenderChannel {
        switch self {
        case .sftp: return try SFTPClient(instance, sender)
        case .folder: return try FolderClient(instance, sender)
        case .web: return try WebClient(instance, sender)
        case .polledSFTP, .polledFTP, .polledFTPS:
            let outside = try #require(instance.outside, "the suite has no servers to poll")
            return FolderClient(instance, sender, home: try outside.makeHome(of: sender.number, on: self))
        }
    }

    /// What the conformance suite runs on: every channel, and patience with early GOs for slow machines.
    static let changes: [Instance.Change] = [
        ("root: \"off\" ", "root: ../folder "), ("interval: 500 ms", "interval: 20 ms"),
        ("earlyTriggerWait: 5 s", "earlyTriggerWait: 10 s"),
    ]
}
