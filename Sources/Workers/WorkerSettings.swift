/// What workers may cost, and who they are.
public struct WorkerSettings: Sendable {
    /// Processes, from 1.
    public var count = 2
    /// The user and group they become when the daemon is root; nil to stay what the daemon is.
    public var identity: Identity?
    /// Bytes of address space, beyond what the program itself takes.
    public var memory: Int64 = 536_870_912
    /// Seconds of processor time for one file; ten times as much may pass by the clock.
    public var time: Double = 120
    /// Files a process judges before a fresh one takes its place.
    public var files = 20_000

    public init() {}

    /// A user and its group, by number.
    public struct Identity: Sendable, Codable {
        public let user: UInt32
        public let group: UInt32

        public init(user: UInt32, group: UInt32) {
            self.user = user
            self.group = group
        }
    }
}
