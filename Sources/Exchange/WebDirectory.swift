/// Who may use the web service, as that channel needs to know it. Implemented by the registry; safe to call from any
/// thread. A registry that cannot be read admits nobody.
public protocol WebDirectory: Sendable {
    /// The certificates of an active sender's web channel that are registered, not revoked, within the bounds of their
    /// registration and their own dates now. Empty for a sender that is blocked, unknown or has no such channel.
    func webCertificates(of sender: SenderNumber) throws(DirectoryFault) -> [CertificateFacts]

    /// The sender among whose `webCertificates` is the one with this SHA-256.
    func webSender(holding fingerprint: Digest) throws(DirectoryFault) -> SenderNumber?

    /// The codes of the applications the sender's web channel holds now, sorted.
    func webApplications(of sender: SenderNumber) throws(DirectoryFault) -> [String]
}
