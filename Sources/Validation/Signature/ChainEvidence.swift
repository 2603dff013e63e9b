public import Exchange

public import struct Foundation.Date

/// Why a certificate was found good: the path to an accepted authority and what was known about revocation.
public struct ChainEvidence: Sendable, Hashable, Codable {
    /// SHA-256 of each certificate of the path, the signer's first, the accepted authority's last.
    public let chain: [Digest]
    /// One for each certificate of the path that is not self-issued, in the order of `chain`.
    public let revocation: [RevocationEvidence]

    package init(chain: [Digest], revocation: [RevocationEvidence]) {
        self.chain = chain
        self.revocation = revocation
    }
}

/// What was known about the revocation of one certificate of a path.
public struct RevocationEvidence: Sendable, Hashable, Codable {
    /// SHA-256 of the certificate that was looked up.
    public let certificate: Digest
    /// The issuer of the certificate, and of the list, in RFC 2253 form.
    public let issuer: String
    /// The number of the list, in decimal, when it has one.
    public let number: String?
    /// When the list or the responder's answer was made; nil when nobody had told of this issuer's certificates and
    /// revocation was not checked.
    public let thisUpdate: Date?
    public let nextUpdate: Date?
    /// The age of the list or answer when the certificate was judged; nil when it was not checked.
    public let ageSeconds: Int?
    /// Where the status came from; nil when it was not checked, and in records from before sources.
    public let source: StatusSource.Kind?

    /// False when no list for this issuer was loaded and no other source is set.
    public var isChecked: Bool { thisUpdate != nil }

    package init(
        certificate: Digest, issuer: String, number: String? = nil, thisUpdate: Date? = nil,
        nextUpdate: Date? = nil, ageSeconds: Int? = nil, source: StatusSource.Kind? = nil
    ) {
        self.certificate = certificate
        self.issuer = issuer
        self.number = number
        self.thisUpdate = thisUpdate
        self.nextUpdate = nextUpdate
        self.ageSeconds = ageSeconds
        self.source = source
    }

    /// The same, as judged at another time.
    func aged(at time: Date) -> RevocationEvidence {
        RevocationEvidence(
            certificate: certificate, issuer: issuer, number: number, thisUpdate: thisUpdate,
            nextUpdate: nextUpdate, ageSeconds: thisUpdate.map { Int(time.timeIntervalSince($0)) },
            source: source)
    }
}

/// Why a certificate was not found good. Registration asks for `certificateFault`, the decision for
/// `failure(of:)`.
public enum ChainFault: Error, Sendable, Hashable {
    /// The certificate itself.
    case certificate(CertificateFault)
    /// A certificate above it, named by its subject (RFC 2253 in ASCII, at most 200 characters).
    case authority(CertificateFault, subject: String)
    /// What would tell is not in its time, or was not learnt yet; the sentence says which. Ours, not the sender's.
    case revocationUnknown(String)

    /// One English sentence with the particulars.
    public var sentence: String {
        switch self {
        case .certificate(let fault): fault.sentence
        case .authority(let fault, let subject): "The authority \(subject) is not good. \(fault.sentence)"
        case .revocationUnknown(let sentence): sentence
        }
    }

    /// The fault to tell whoever registers the certificate.
    public var certificateFault: CertificateFault {
        switch self {
        case .certificate(let fault): fault
        case .authority, .revocationUnknown: .notAcceptable(String(sentence.dropLast()))
        }
    }

    /// The outcome for a set whose signature file is `file`: 125, or a deferral when the fault is ours.
    public func failure(of file: FileName) -> StageFailure {
        switch self {
        case .certificate(.internalFault(let sentence)), .authority(.internalFault(let sentence), _):
            .deferred(Deferral(.unknown, sentence))
        case .certificate, .authority: .refused([Finding(.signatureInvalid, file: file, detail: sentence)])
        case .revocationUnknown(let sentence): .deferred(Deferral(.revocationUnknown, sentence))
        }
    }
}
