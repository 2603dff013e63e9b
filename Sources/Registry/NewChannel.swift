public import Exchange

/// A channel as it is added to a sender, with everything it begins with.
public struct NewChannel: Sendable {
    public var kind: ChannelKind
    /// Registered without bounds of their own; renewal uses `Registry.addCertificate`.
    public var certificates: [CertificateFacts]
    /// For SFTP only.
    public var keys: [SSHPublicKey]
    /// Application codes; one that is given twice counts once.
    public var applications: [String]
    /// Those of `applications` for which this channel becomes the preferred one even if another was.
    public var preferring: [String]

    /// For FTP only.
    public var password: FTPPassword?

    public init(
        kind: ChannelKind, certificates: [CertificateFacts] = [], keys: [SSHPublicKey] = [],
        applications: [String] = [], preferring: [String] = [], password: FTPPassword? = nil
    ) {
        self.kind = kind
        self.certificates = certificates
        self.keys = keys
        self.applications = applications
        self.preferring = preferring
        self.password = password
    }
}
