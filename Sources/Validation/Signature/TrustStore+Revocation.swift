internal import COpenSSL
internal import Exchange
internal import Foundation

extension TrustStore {
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
            guard let issuer, let list = try list(for: certificate, issuedBy: issuer) else {
                let name = try? OpenSSLValue.text(ofName: X509_get_issuer_name(certificate.handle))
                evidence.append(RevocationEvidence(certificate: certificate.digest, issuer: name ?? ""))
                continue
            }
            try TrustStore.checkTime(of: list, at: time)
            if let date = list.revocation(of: certificate) {
                throw index == 0
                    ? .certificate(.revoked(at: date))
                    : .authority(.revoked(at: date), subject: certificate.shortSubject)
            }
            start = max(start, list.thisUpdate)
            end = min(end, list.nextUpdate ?? .distantFuture)
            evidence.append(
                RevocationEvidence(
                    certificate: certificate.digest, issuer: list.issuer, number: list.number,
                    thisUpdate: list.thisUpdate, nextUpdate: list.nextUpdate
                ).aged(at: time))
        }
        // `time` lies inside: the search and `checkTime` have seen to it.
        return (evidence, min(start, time)...max(end, time))
    }

    /// The newest list that speaks of `certificate`; nil when none was loaded.
    private func list(
        for certificate: DecodedCertificate, issuedBy issuer: DecodedCertificate
    ) throws(ChainFault) -> DecodedRevocationList? {
        let bearing = lists.filter { $0.list.bearsIssuer(of: certificate) && $0.list.covers(certificate) }
        let signed = bearing.filter { $0.issuers.contains(issuer.digest) || $0.list.isSigned(by: issuer) }
        if let newest = signed.max(by: { $0.list.thisUpdate < $1.list.thisUpdate }) { return newest.list }
        // A list nobody vouches for cannot clear a certificate, and must not be passed over in silence
        // either.
        if let stray = bearing.first(where: { $0.issuers.isEmpty }) {
            throw .revocationUnknown(
                "The revocation list loaded for \(stray.list.issuer) is not signed by that authority.")
        }
        return nil
    }

    private static func checkTime(of list: DecodedRevocationList, at time: Date) throws(ChainFault) {
        if let end = list.nextUpdate, time > end {
            throw .revocationUnknown(
                "The revocation list of \(list.issuer) ended at \(end.ISO8601Format()); load its successor."
            )
        }
        if time < list.thisUpdate {
            throw .revocationUnknown(
                "The revocation list of \(list.issuer) begins at \(list.thisUpdate.ISO8601Format()) only."
            )
        }
    }
}
