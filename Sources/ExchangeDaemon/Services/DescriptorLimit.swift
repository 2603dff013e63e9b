internal import Foundation
internal import Logging

/// Open files of the process: every session, upload and ledger reader needs some.
enum DescriptorLimit {
    /// Files besides those of sessions and connections: ledger, registry, log, work in hand.
    private static let reserve = 512

    /// Raises the soft limit to the hard one, and says when less fits into it than was configured. What is returned
    /// leaves room for the work in hand when peers take every place, with one open file each on average: that many more
    /// may be open, up to `sftp.handlesPerSender`, is not counted on.
    ///
    /// - Parameters:
    ///   - sessions: at the most.
    ///   - connections: of the web service, at the most.
    /// - Returns: as many of each as fit, in the same proportion; at least one.
    static func raise(
        for sessions: Int, _ connections: Int, logger: Logger
    ) -> (sessions: Int, connections: Int) {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return (sessions, connections)
        }
        if limit.rlim_cur < limit.rlim_max {
            limit.rlim_cur = limit.rlim_max
            _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            _ = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        let wanted = (sessions + connections) * 2 + reserve
        let (fitting, others) = fit(sessions, connections, into: Int(clamping: limit.rlim_cur))
        if (fitting, others) != (sessions, connections) {
            logger.warning(
                "the limit of open files is low: fewer sessions and connections are taken than configured",
                metadata: [
                    "limit": "\(limit.rlim_cur)", "wanted": "\(wanted)", "sftp.sessions": "\(fitting)",
                    "web.connections": "\(others)",
                ])
        }
        return (fitting, others)
    }

    static func fit(_ sessions: Int, _ connections: Int, into limit: Int) -> (Int, Int) {
        // Half of a limit too small for all of the reserve.
        let room = max(limit - reserve, limit / 2)
        let wanted = (sessions + connections) * 2
        guard wanted > room else { return (sessions, connections) }
        return (max(1, sessions * room / wanted), max(1, connections * room / wanted))
    }
}
