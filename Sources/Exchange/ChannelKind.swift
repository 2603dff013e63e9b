/// A way in that a sender can be registered for.
public enum ChannelKind: String, Sendable, Hashable, Codable, CaseIterable {
    case sftp
    case ftp
    case web
    case folder

    /// The channel code of zone 00737 (domain 1.8): 0 FTP, 13 web service, 14 SFTP; a folder is 9, "none".
    public var code: Int {
        switch self {
        case .sftp: 14
        case .ftp: 0
        case .web: 13
        case .folder: 9
        }
    }
}
