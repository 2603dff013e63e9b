internal import COpenSSL
internal import Exchange
internal import Foundation

extension TrustStore {
    /// What is known of one certificate.
    private struct Known {
        let source: StatusSource.Kind
        let issuer: String
        var number: String?
        let revokedAt: Date?
        let window: StatusWindow
    }

    /// Looks up every certificate of the path that is not self-issued, and says for which times the answer
    /// holds.
    func checkRevocation(
        of path: [DecodedCertificate], at time: Date
    ) throws(ChainFault) -> ([RevocationEvidence], ClosedRange<Date>) {
        var evidence: [RevocationEvidence] = []
        var (start, end) = (Date.distantPast, Date.distantFuture)
        for (index, certificate) in path.enumerated() {
            start = max(start, certificate.notBefore)
            end = min(end, certificate.notAfter)
            guard !certificate.isSelfIssued else { continue }
            let issuer =
                index + 1 < path.count ? path[index + 1] : authorities.first { certificate.isIssued(by: $0) }
            guard let issuer, let known = try known(of: certificate, issuedBy: issuer, at: time) else {
                let name = try? OpenSSLValue.text(ofName: X509_get_issuer_name(certificate.handle))
                evidence.append(RevocationEvidence(certificate: certificate.digest, issuer: name ?? ""))
                continue
            }
            if let date = known.revokedAt {
                throw index == 0
                    ? .certificate(.revoked(at: date))
                    : .authority(.revoked(at: date), subject: certificate.shortSubject)
            }
            start = max(start, known.window.usableFrom)
            end = min(end, known.window.usableUntil)
            evidence.append(
                RevocationEvidence(
                    certificate: certificate.digest, issuer: known.issuer, number: known.number,
                    thisUpdate: known.window.thisUpdate, nextUpdate: known.window.nextUpdate,
                    source: known.source
                ).aged(at: time))
        }
        // `time` lies inside: the search and the windows have seen to it.
        return (evidence, min(start, time)...max(end, time))
    }

    /// What the source of `issuer` says, in its time; nil when it has none and nobody brought a list.
    private func known(
        of certificate: DecodedCertificate, issuedBy issuer: DecodedCertificate, at time: Date
    ) throws(ChainFault) -> Known? {
        let source = sources[issuer.digest] ?? .files
        if source.kind == .responder { return try answer(on: certificate, from: issuer, source, at: time) }
        guard let held = try list(for: certificate, issuedBy: issuer) else {
            guard source.kind == .file else {
                throw .revocationUnknown(
                    "The revocation list of \(issuer.shortSubject) was not fetched yet.")
            }
            return nil
        }
        let window = StatusWindow(
            thisUpdate: held.list.thisUpdate, nextUpdate: held.list.nextUpdate, fetchedAt: held.takenAt,
            ageLimit: source.ageLimit)
        if let fault = window.fault(at: time) {
            throw .revocationUnknown("The revocation list of \(held.list.issuer) \(fault).")
        }
        return Known(
            source: source.kind, issuer: held.list.issuer, number: held.list.number,
            revokedAt: held.list.revocation(of: certificate), window: window)
    }

    private func answer(
        on certificate: DecodedCertificate, from issuer: DecodedCertificate, _ source: StatusSource,
        at time: Date
    ) throws(ChainFault) -> Known {
        let status: CertificateStatus?
        do throws(Deferral) {
            status = try statuses?.status(
                of: certificate.digest, serial: certificate.serialHexadecimal ?? "", by: issuer.digest)
        } catch {
            throw .revocationUnknown(error.sentence)
        }
        let name = "The status of \(certificate.shortSubject) at \(issuer.shortSubject)"
        guard let status else { throw .revocationUnknown("\(name) was not learnt yet.") }
        let window = StatusWindow(
            thisUpdate: status.thisUpdate, nextUpdate: status.nextUpdate, fetchedAt: status.fetchedAt,
            ageLimit: source.ageLimit)
        if let fault = window.fault(at: time) {
            throw .revocationUnknown("\(name) \(fault).")
        }
        let subject = try? OpenSSLValue.text(ofName: X509_get_subject_name(issuer.handle))
        return Known(
            source: .responder, issuer: subject ?? "", revokedAt: status.revokedAt, window: window)
    }

    /// The newest list that speaks of `certificate`; nil when none was loaded.
    private func list(
        for certificate: DecodedCertificate, issuedBy issuer: DecodedCertificate
    ) throws(ChainFault) -> List? {
        let bearing = lists.filter { $0.list.bearsIssuer(of: certificate) && $0.list.covers(certificate) }
        let signed = bearing.filter { $0.issuers.contains(issuer.digest) || $0.list.isSigned(by: issuer) }
        if let newest = signed.max(by: { $0.list.thisUpdate < $1.list.thisUpdate }) { return newest }
        // A list nobody vouches for cannot clear a certificate, and must not be passed over in silence
        // either.
        if let stray = bearing.first(where: { $0.issuers.isEmpty }) {
            throw .revocationUnknown(
                "The revocation list loaded for \(stray.list.issuer) is not signed by that authority.")
        }
        return nil
    }
}
