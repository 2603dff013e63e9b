/// What one session is allowed of the open files of its sender, who may have many sessions.
struct SFTPFileAllowance: Sendable {
    /// Open files of one sender.
    let limit: Int
    /// Counts one more; false when there is no room.
    let take: @Sendable () -> Bool
    let giveBack: @Sendable () -> Void
}
