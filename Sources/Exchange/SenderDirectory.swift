/// Who may log in, as channels need to know it. Implemented by the registry; safe to call from any thread.
public protocol SenderDirectory: Sendable {
    /// Admits `user` with an SSH key, or not: the user is a registered technical user of an active sender that has
    /// an SFTP channel with this very key, valid now.
    func admit(user: String, key: SSHPublicKey) throws(DirectoryFault) -> Admission?
    /// False as soon as the sender is blocked or removed, or its key revoked or past its validity.
    func stillStands(_ admission: Admission) throws(DirectoryFault) -> Bool
    /// The active senders that have a channel of this kind.
    func activeSenders(on channel: ChannelKind) -> [SenderNumber]
}

/// A successful log-in.
public struct Admission: Sendable, Hashable {
    public let sender: SenderNumber
    public let user: TechnicalUser
    public let channel: ChannelKind
    public let key: SSHPublicKey

    public init(sender: SenderNumber, user: TechnicalUser, channel: ChannelKind, key: SSHPublicKey) {
        self.sender = sender
        self.user = user
        self.channel = channel
        self.key = key
    }
}
