import Testing

/// The channels that serve the intake contract. Another channel is one more case here, and nothing else.
enum Route: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case sftp
    case folder

    var testDescription: String { rawValue }

    /// A new sender with this channel, and a client in its hands.
    func client(_ instance: Instance, _ applications: [String] = ["dimona", "dmfa"]) throws
        -> any SenderChannel
    {
        try client(instance, of: instance.enrol(applications, channel: rawValue))
    }

    /// A further client of the same sender.
    func client(_ instance: Instance, of sender: Sender) throws -> any SenderChannel {
        switch self {
        case .sftp: try SFTPClient(instance, sender)
        case .folder: try FolderClient(instance, sender)
        }
    }

    /// What the conformance suite runs on: every channel, and little patience with early GOs.
    static let changes: [Instance.Change] = [
        ("root: \"off\" ", "root: ../folder "), ("interval: 500 ms", "interval: 20 ms"),
        ("earlyTriggerWait: 5 s", "earlyTriggerWait: 1500 ms"),
    ]
}
