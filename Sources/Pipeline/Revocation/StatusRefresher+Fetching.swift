internal import Exchange
internal import Foundation
internal import Registry
internal import Validation

extension StatusRefresher {
    /// The list of the authority, or the status of one certificate.
    func fetch(for authority: AuthorityRecord) throws(StatusFault) {
        guard let url = authority.source.url, let limit = authority.source.ageLimit else { return }
        do {
            switch authority.source.kind {
            case .file: return
            case .list: try fetchList(of: authority, at: url, limit)
            case .responder: try fetchStatus(by: authority, at: url, limit)
            }
        } catch let fault as StatusFault {
            throw fault
        } catch let fault as CertificateFault {
            throw StatusFault(fault.sentence)
        } catch let fault as RegistryFault {
            throw StatusFault(fault.sentence)
        } catch {
            throw StatusFault("\(error)")
        }
    }

    /// What the operator could have brought as a file, under the same rules, and in its time.
    private func fetchList(of authority: AuthorityRecord, at url: String, _ limit: TimeInterval) throws {
        let list = try RevocationListFacts.read(fetcher.list(at: url))
        let now = clock.time()
        let window = StatusWindow(
            thisUpdate: list.thisUpdate, nextUpdate: list.nextUpdate, fetchedAt: now, ageLimit: limit)
        if let fault = window.fault(at: now) { throw StatusFault("The list \(fault).") }
        do {
            try TrustStore.check(list, authorities: [authority.facts])
        } catch CertificateFault.noAcceptedAuthority {
            throw StatusFault("The list is not signed by the authority.")
        }
        try registry.addRevocationList(list)
        try registry.postponeList(
            of: authority.facts.fingerprint, until: policy.next(from: now, usableUntil: window.usableUntil))
    }

    private func fetchStatus(by authority: AuthorityRecord, at url: String, _ limit: TimeInterval) throws {
        let issuer = authority.facts.fingerprint
        guard let due = try registry.statusDue(by: issuer, at: clock.time()) else { return }
        do {
            let query = try StatusQuery(serial: due.serial, issuer: authority.facts)
            let answer = try fetcher.answer(to: query.der, at: url)
            let now = clock.time()
            let status = try query.read(answer, ageLimit: limit, at: now)
            let end = StatusWindow(
                thisUpdate: status.thisUpdate, nextUpdate: status.nextUpdate, fetchedAt: now, ageLimit: limit
            ).usableUntil
            try registry.keepStatus(
                status, of: due.certificate, by: issuer, dueAt: policy.next(from: now, usableUntil: end))
        } catch {
            let isUnknown = (error as? StatusFault)?.isUnknownCertificate ?? false
            // One that failed goes behind all others that are due, so that it cannot keep them waiting.
            try registry.postponeStatus(
                of: due.certificate, by: issuer, until: clock.time() + (isUnknown ? policy.rest : 0))
            if !isUnknown { throw error }
        }
    }
}
