internal import Foundation
internal import Logging

/// Open files of the process: every session, upload and ledger reader needs some.
enum DescriptorLimit {
    /// Files besides those of sessions: ledger, registry, log, work in hand.
    private static let reserve = 512

    /// Raises the soft limit to the hard one, and says when the configured sessions could still use it up.
    ///
    /// - Parameter sessions: at the most, each with a socket and one open file on average.
    static func raise(for sessions: Int, logger: Logger) {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        if limit.rlim_cur < limit.rlim_max {
            limit.rlim_cur = limit.rlim_max
            _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            _ = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        let wanted = sessions * 2 + reserve
        if limit.rlim_cur < UInt(wanted) {
            logger.warning(
                "the limit of open files is low for the configured sessions",
                metadata: ["limit": "\(limit.rlim_cur)", "wanted": "\(wanted)"])
        }
    }
}
