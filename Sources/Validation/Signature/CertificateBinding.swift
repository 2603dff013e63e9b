/// The certificate a signer bound its signature to: the ESSCertID of a SigningCertificate, or ESSCertIDv2 of a
/// SigningCertificateV2 (RFC 5035). One with more, which would limit the path, is refused.
struct CertificateBinding {
    private let digest: DigestKind
    private let value: [UInt8]
    private let issuerAndSerial: SignedMessage.Signer?

    /// - Parameter fixed: the digest of the older attribute, which names none; nil for the newer, which means SHA-256
    ///   when it names none.
    init(_ attribute: BERElement, fixed: DigestKind? = nil) throws(SignatureFault) {
        guard attribute.tag == BERElement.sequence, let parts = attribute.children, let list = parts.first,
            list.tag == BERElement.sequence, let identifiers = list.children, let first = identifiers.first,
            first.tag == BERElement.sequence, var fields = first.children?[...],
            parts.count == 1 || parts.count == 2 && CertificateBinding.isPolicies(parts[1])
        else { throw CertificateBinding.malformed }
        guard identifiers.count == 1 else {
            throw SignatureFault("The signature is bound to more than one certificate.")
        }
        var digest = fixed ?? .sha256
        if fixed == nil, let algorithm = fields.first, algorithm.tag == BERElement.sequence {
            guard let named = DigestKind(algorithm: algorithm) else {
                throw SignatureFault("The certificate is bound by a digest that is not a known one.")
            }
            digest = named
            fields = fields.dropFirst()
        }
        guard let hash = fields.popFirst(), hash.tag == BERElement.octets, fields.count <= 1 else {
            throw CertificateBinding.malformed
        }
        self.digest = digest
        value = Array(hash.contents)
        issuerAndSerial = try fields.first.map(CertificateBinding.issuerAndSerial)
    }

    private static let malformed = SignatureFault("The signed attribute signingCertificate is malformed.")

    /// A list of policies by their names alone; nothing is learnt from it.
    private static func isPolicies(_ element: BERElement) -> Bool {
        guard element.tag == BERElement.sequence, let policies = element.children else { return false }
        return policies.allSatisfy { policy in
            guard policy.tag == BERElement.sequence, let parts = policy.children else { return false }
            return parts.count == 1 && parts[0].isIdentifier
        }
    }

    /// One directory name, and the number.
    private static func issuerAndSerial(_ element: BERElement) throws(SignatureFault) -> SignedMessage.Signer
    {
        guard element.tag == BERElement.sequence, let parts = element.children, parts.count == 2,
            parts[0].tag == BERElement.sequence, let names = parts[0].children, names.count == 1,
            names[0].tag == 0xA4, let name = names[0].children, name.count == 1,
            let issuer = name[0].definite(),
            parts[1].tag == BERElement.integer
        else { throw malformed }
        return .issuerAndSerial(issuer: issuer, serial: Array(parts[1].contents))
    }

    /// False when the signer bound another certificate than this one.
    func allows(_ certificate: DecodedCertificate) -> Bool {
        digest.digest(certificate.der) == value && issuerAndSerial?.tells(certificate) ?? true
    }
}
