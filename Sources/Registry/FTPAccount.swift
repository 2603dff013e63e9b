public import Exchange

public import struct Foundation.Date

/// A log-in at the FTP server that stands before us.
public struct FTPAccount: Sendable, Hashable {
    public let sender: SenderNumber
    public let user: TechnicalUser
    public let hash: PasswordHash
    /// When the password was given.
    public let setAt: Date
}
