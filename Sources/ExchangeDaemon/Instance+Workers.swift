internal import Exchange
internal import Foundation
internal import Logging
internal import Workers

extension Instance {
    /// Starts the processes that judge files of strangers; nil when the daemon's own process is to do it.
    func workers(logger: Logger) throws -> WorkerPool? {
        guard var settings = configuration.workers else {
            logger.warning("signatures and documents are judged in this process: work.workers is off")
            return nil
        }
        settings.identity = try workerIdentity()
        do {
            return try WorkerPool(settings: settings, logger: logger)
        } catch {
            throw CommandFailure(.failed, error.sentence)
        }
    }

    /// Only root can become another.
    private func workerIdentity() throws(ConfigurationFault) -> WorkerSettings.Identity? {
        guard geteuid() == 0 else { return nil }
        guard let entry = getpwnam(configuration.workerUser) else {
            throw ConfigurationFault(
                file: configuration.file, line: nil, key: "work.workerUser",
                sentence: "there is no user \(configuration.workerUser)")
        }
        return WorkerSettings.Identity(user: entry.pointee.pw_uid, group: entry.pointee.pw_gid)
    }
}
