public import Exchange
internal import Foundation
public import Registry
internal import Validation

/// Who may use the web service: of what is registered, only certificates that an accepted authority still stands for
/// and that no loaded revocation list names.
///
/// A list or status past its time keeps nobody out: that is for the decision of a set, which waits for a newer one.
public struct TrustedWebDirectory: WebDirectory {
    private let registry: Registry
    private let trust: TrustSource

    /// - Parameter refresher: is asked for revocation statuses that are missing.
    public init(registry: Registry, refresher: StatusRefresher? = nil) {
        self.registry = registry
        trust = TrustSource(registry: registry, refresher: refresher)
    }

    public func webCertificates(of sender: SenderNumber) throws(DirectoryFault) -> [CertificateFacts] {
        let trust = try judge()
        let now = Date()
        return try registry.webCertificates(of: sender).filter {
            TrustedWebDirectory.admits($0, trust, at: now)
        }
    }

    private func judge() throws(DirectoryFault) -> TrustStore {
        do {
            return try trust.current()
        } catch {
            throw DirectoryFault("\(error)")
        }
    }

    private static func admits(_ certificate: CertificateFacts, _ trust: TrustStore, at time: Date) -> Bool {
        do {
            _ = try trust.judge(certificate, intermediates: [], at: time)
            return true
        } catch {
            if case .revocationUnknown = error { return true }
            return false
        }
    }

    public func webSender(holding fingerprint: Digest) throws(DirectoryFault) -> SenderNumber? {
        guard let sender = try registry.webSender(holding: fingerprint),
            try webCertificates(of: sender).contains(where: { $0.fingerprint == fingerprint })
        else { return nil }
        return sender
    }

    public func webApplications(of sender: SenderNumber) throws(DirectoryFault) -> [String] {
        try registry.webApplications(of: sender)
    }
}
