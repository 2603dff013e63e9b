internal import Exchange
internal import Foundation
internal import Logging
internal import Workers

extension Instance {
    /// Starts the processes that judge files of strangers; nil when the daemon's own process is to do it.
    /// - Parameter mustStop: whether judgements are to be given up now.
    func workers(until mustStop: @escaping @Sendable () -> Bool, logger: Logger) throws -> WorkerPool? {
        guard let settings = try workerSettings(logger: logger) else {
            logger.warning("signatures and documents are judged in this process: work.workers is off")
            return nil
        }
        do {
            return try WorkerPool(settings: settings, logger: logger, until: mustStop)
        } catch {
            throw CommandFailure(.failed, error.sentence)
        }
    }

    func workerSettings(logger: Logger) throws(ConfigurationFault) -> WorkerSettings? {
        guard var settings = configuration.workers else { return nil }
        settings.identity = try workerIdentity(logger: logger)
        return settings
    }

    /// Only root can become another, and only where there is another: root of a namespace of its own may be alone.
    private func workerIdentity(logger: Logger) throws(ConfigurationFault) -> WorkerSettings.Identity? {
        guard geteuid() == 0 else { return nil }
        guard let entry = getpwnam(configuration.workerUser) else {
            throw ConfigurationFault(
                file: configuration.file, line: nil, key: "work.workerUser",
                sentence: "there is no user \(configuration.workerUser)")
        }
        let identity = WorkerSettings.Identity(user: entry.pointee.pw_uid, group: entry.pointee.pw_gid)
        guard Instance.isThere(identity.user) else {
            logger.warning(
                "workers stay the daemon's user: its namespace has no other",
                metadata: ["workerUser": "\(configuration.workerUser)"])
            return nil
        }
        return identity
    }

    /// Whether the user namespace of this process has this user: `uid_map` has lines of first number here, first number
    /// outside, and how many (user_namespaces(7)).
    private static func isThere(_ user: UInt32) -> Bool {
        guard let map = try? String(contentsOfFile: "/proc/self/uid_map", encoding: .utf8) else {
            return true
        }
        return map.split(separator: "\n").contains { line in
            let numbers = line.split(separator: " ").compactMap { UInt64($0) }
            return numbers.count == 3 && UInt64(user) >= numbers[0] && UInt64(user) - numbers[0] < numbers[2]
        }
    }
}
