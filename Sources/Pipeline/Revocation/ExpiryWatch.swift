internal import Exchange
public import Foundation
public import Logging
public import Registry
internal import Synchronization

/// Warns in the log before registered certificates end: once for each certificate at 60, 30 and 7 days, also across
/// restarts, as the registry remembers what was said.
public final class ExpiryWatch: Sendable {
    private let registry: Registry
    private let interval: TimeInterval
    private let logger: Logger
    private let isStopped = Atomic(false)
    private let stopped = SteadySemaphore()

    /// - Parameter interval: seconds between two looks.
    public init(registry: Registry, interval: TimeInterval = 3600, logger: Logger) {
        self.registry = registry
        self.interval = interval
        self.logger = logger
    }

    /// Looks until `stop`; blocks.
    public func run() {
        while !isStopped.load(ordering: .acquiring) {
            warn(at: Date())
            _ = stopped.wait(atMost: interval)
        }
    }

    public func stop() {
        isStopped.store(true, ordering: .releasing)
        stopped.signal()
    }

    /// Says what is due and was not said.
    func warn(at time: Date) {
        do throws(RegistryFault) {
            for certificate in try registry.currentCertificates(at: time) {
                guard let warning = ExpiryWarning.due(at: time, end: certificate.facts.notAfter) else {
                    break
                }
                guard certificate.warnedDays ?? .max > warning.days else { continue }
                try registry.noteWarning(warning, of: certificate.facts.fingerprint)
                say(warning, certificate)
            }
        } catch {
            logger.error("certificates that end cannot be read", metadata: ["error": "\(error.sentence)"])
        }
    }

    private func say(_ warning: ExpiryWarning, _ certificate: CurrentCertificate) {
        logger.warning(
            "a registered certificate ends soon",
            metadata: [
                "sender": "\(certificate.sender)", "days": "\(warning.days)",
                "expires": "\(certificate.facts.notAfter.ISO8601Format())",
                "owner": "\(certificate.facts.owner)", "sha256": "\(certificate.facts.fingerprint)",
            ])
    }
}
