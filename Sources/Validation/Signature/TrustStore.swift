internal import COpenSSL
public import Exchange
public import Foundation
internal import Synchronization

/// The accepted authorities and their revocation lists, and the judgement of a certificate against them.
///
/// Immutable: a change of authorities or lists is a new store. Good verdicts are kept, each for the time in
/// which every certificate and list of its path is valid; bad ones are not. Any thread may call.
///
/// `@unchecked Sendable`: `store` is filled in `init` and only read afterwards, which OpenSSL does under the
/// store's own lock; `verdicts` is a mutex; everything else is immutable.
public final class TrustStore: @unchecked Sendable {
    let store: OpenSSLOwner
    let authorities: [DecodedCertificate]
    let lists: [List]
    let sources: [Digest: StatusSource]
    let statuses: (any StatusDirectory)?
    /// Certificates decoded so far, kept here because a store lives longer than a verifier.
    let certificates = CertificateCache()
    private let verdicts = Mutex<[VerdictKey: Verdict]>([:])

    /// A loaded list, and the accepted authorities whose key signed it; none when its issuer is not one of
    /// them but one below, met in paths only.
    struct List {
        let list: DecodedRevocationList
        let issuers: Set<Digest>
        let takenAt: Date
    }

    private struct VerdictKey: Hashable {
        let certificate: Digest
        let intermediates: [Digest]
    }

    private struct Verdict {
        let evidence: ChainEvidence
        let validity: ClosedRange<Date>
    }

    private static let verdictLimit = 8192

    /// An accepted authority need not be a root: paths end at the first one that is accepted.
    ///
    /// - Throws: `.notAnAuthority`; `.noAcceptedAuthority` when a list bears the name of an accepted
    ///   authority and is signed by none of that name; `.notACertificate`. A list of an issuer that is not
    ///   accepted itself is kept, for paths through that issuer.
    public convenience init(
        authorities: [CertificateFacts], revocationLists: [RevocationListFacts],
        ground: RevocationGround = RevocationGround()
    ) throws(CertificateFault) {
        let lists = revocationLists.map {
            TrustMaterial.List(der: Data($0.der), takenAt: ground.listsTaken[$0.fingerprint] ?? .distantPast)
        }
        let material = TrustMaterial(
            authorities: authorities.map { Data($0.der) }, lists: lists, sources: ground.sources)
        try self.init(material, statuses: ground.statuses)
    }

    /// - Parameter statuses: asked for what authorities with a responder have issued.
    public init(_ material: TrustMaterial, statuses: (any StatusDirectory)?) throws(CertificateFault) {
        OpenSSLErrors.clear()
        defer { OpenSSLErrors.clear() }
        store = try OpenSSLOwner.make("making a certificate store", X509_STORE_new()) { X509_STORE_free($0) }
        var decoded: [DecodedCertificate] = []
        for der in material.authorities {
            let certificate = try DecodedCertificate(der: Array(der))
            guard certificate.isAuthority else { throw .notAnAuthority }
            try OpenSSLErrors.check(
                X509_STORE_add_cert(store.handle, certificate.handle), "accepting an authority")
            decoded.append(certificate)
        }
        self.authorities = decoded
        sources = material.sources
        self.statuses = statuses
        var lists: [List] = []
        for held in material.lists {
            let list = try DecodedRevocationList(der: Array(held.der))
            lists.append(
                List(
                    list: list, issuers: try TrustStore.issuers(of: list, among: decoded),
                    takenAt: held.takenAt))
        }
        self.lists = lists
    }

    /// What another process makes the same store of.
    public var material: TrustMaterial {
        TrustMaterial(
            authorities: authorities.map { Data($0.der) },
            lists: lists.map { TrustMaterial.List(der: Data($0.list.der), takenAt: $0.takenAt) },
            sources: sources)
    }

    /// `authority` is the SHA-256 of the certificate of an accepted one.
    func accepts(_ authority: Digest) -> Bool { authorities.contains { $0.digest == authority } }

    /// What responders said, as a judgement here would be told.
    public func status(
        of certificate: Digest, serial: String, by authority: Digest
    ) throws(Deferral) -> CertificateStatus? {
        try statuses?.status(of: certificate, serial: serial, by: authority)
    }

    /// Checks that a list may be loaded beside these authorities: one of them issued it. For whoever adds a
    /// list.
    ///
    /// - Throws: `.noAcceptedAuthority` when none of them did; `.notACertificate`.
    public static func check(
        _ list: RevocationListFacts, authorities: [CertificateFacts]
    ) throws(CertificateFault) {
        let decodedList = try DecodedRevocationList(der: list.der)
        var decoded: [DecodedCertificate] = []
        for authority in authorities { decoded.append(try DecodedCertificate(der: authority.der)) }
        guard try !issuers(of: decodedList, among: decoded).isEmpty else { throw .noAcceptedAuthority }
    }

    private static func issuers(
        of list: DecodedRevocationList, among authorities: [DecodedCertificate]
    ) throws(CertificateFault) -> Set<Digest> {
        let namesakes = authorities.filter { list.bearsName(of: $0) }
        let issuers = namesakes.filter { list.isSigned(by: $0) }
        guard namesakes.isEmpty || !issuers.isEmpty else { throw .noAcceptedAuthority }
        return Set(issuers.map(\.digest))
    }

    /// Judges whether `certificate` may sign at `time`: key, use, dates, a path to an accepted authority, and
    /// revocation of every certificate of the path whose issuer has a source of statuses or a loaded list.
    ///
    /// - Parameter intermediates: DER of certificates that may help to find the path; they are not trusted.
    ///   What cannot be read among them is passed over.
    public func judge(
        _ certificate: CertificateFacts, intermediates: [[UInt8]], at time: Date
    ) throws(ChainFault) -> ChainEvidence {
        let decoded: DecodedCertificate
        do {
            decoded = try DecodedCertificate(der: certificate.der)
        } catch {
            throw .certificate(error)
        }
        return try judge(decoded, intermediates: intermediates, at: time)
    }

    func judge(
        _ certificate: DecodedCertificate, intermediates: [[UInt8]], at time: Date
    ) throws(ChainFault) -> ChainEvidence {
        let others = intermediates.filter { $0 != certificate.der }
        let key = VerdictKey(
            certificate: certificate.digest, intermediates: others.map { Digest(ofSHA256: $0) })
        if let known = verdicts.withLock({ $0[key] }), known.validity.contains(time) {
            let revocation = known.evidence.revocation.map { $0.aged(at: time) }
            return ChainEvidence(chain: known.evidence.chain, revocation: revocation)
        }
        OpenSSLErrors.clear()
        defer { OpenSSLErrors.clear() }
        try TrustStore.checkSigner(certificate, at: time)
        let path = try path(from: certificate, intermediates: others, at: time)
        let (revocation, validity) = try checkRevocation(of: path, at: time)
        let evidence = ChainEvidence(chain: path.map(\.digest), revocation: revocation)
        // It may be wrong, and whoever takes the want of memory gives no verdict by it.
        if OpenSSLErrors.clear() { return evidence }
        verdicts.withLock { verdicts in
            if verdicts.count >= TrustStore.verdictLimit { verdicts.removeAll() }
            verdicts[key] = Verdict(evidence: evidence, validity: validity)
        }
        return evidence
    }

    /// What does not depend on the authorities.
    private static func checkSigner(_ certificate: DecodedCertificate, at time: Date) throws(ChainFault) {
        if time > certificate.notAfter { throw .certificate(.expired(certificate.notAfter)) }
        if time < certificate.notBefore { throw .certificate(.notYetValid(certificate.notBefore)) }
        do {
            try certificate.checkKey()
        } catch {
            throw .certificate(error)
        }
        if certificate.isAuthority { throw .certificate(.isAnAuthority) }
        if !certificate.maySign { throw .certificate(.signatureUseNotAllowed) }
    }
}
