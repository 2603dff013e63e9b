internal import COpenSSL
internal import Exchange

internal import struct Foundation.Date

/// A detached CMS SignedData (RFC 5652) with exactly one signer, taken apart without trust in any of it.
///
/// Bytes of a stranger are read by `BERReader` alone; OpenSSL sees the signature value, names, certificates and lists
/// only.
struct SignedMessage {
    /// How the signer's certificate is told.
    enum Signer {
        /// DER of the issuer's name, and the content octets of the serial number.
        case issuerAndSerial(issuer: [UInt8], serial: [UInt8])
        case subjectKeyIdentifier([UInt8])
    }

    let digest: DigestKind
    let scheme: SignatureScheme
    let signer: Signer
    /// Nil when the signature is over the payload itself.
    let attributes: SignedAttributes?
    let value: [UInt8]
    /// The embedded certificates, not decoded.
    let certificates: [[UInt8]]
    /// The embedded revocation lists, not decoded: nothing is learnt from them.
    let lists: [[UInt8]]

    /// A message with more is refused, so that nobody can make us decode thousands.
    private static let certificateLimit = 32

    /// - Parameter file: a whole signature file, text or DER.
    init(file: [UInt8], policy: SignaturePolicy) throws(SignatureFault) {
        guard let der = SignatureText.decode(file) else {
            throw SignatureFault("The signature file is neither strict base64 nor DER.")
        }
        var reader = BERReader(der[...])
        guard let message = reader.next(), message.tag == BERElement.sequence, let parts = message.children
        else {
            throw SignatureFault("The signature file holds no CMS message that can be read.")
        }
        guard reader.isAtEnd else {
            throw SignatureFault("Bytes follow the CMS message in the signature file.")
        }
        guard parts.count == 2, parts[0].tag == BERElement.identifier,
            parts[0].contents.elementsEqual(CMSIdentifier.signedData), parts[1].tag == 0xA0,
            let inner = parts[1].children, inner.count == 1, inner[0].tag == BERElement.sequence,
            let fields = inner[0].children
        else { throw SignatureFault("The CMS message is not a SignedData.") }
        try self.init(fields: fields, policy: policy)
    }

    private init(fields: [BERElement], policy: SignaturePolicy) throws(SignatureFault) {
        guard fields.count >= 4 else { throw SignatureFault("The SignedData is malformed.") }
        guard let version = fields[0].smallInteger, version == 1 || version == 3 else {
            throw SignatureFault("The SignedData is of another version than 1 and 3.")
        }
        let digests = try SignedMessage.digests(fields[1], policy: policy)
        try SignedMessage.checkContent(fields[2])
        var rest = fields[3...]
        certificates = try SignedMessage.embedded(&rest, tag: 0xA0)
        lists = try SignedMessage.embedded(&rest, tag: 0xA1)
        guard rest.count == 1, let set = rest.first, set.tag == BERElement.set, let signers = set.children
        else {
            throw SignatureFault("The SignedData is malformed.")
        }
        guard signers.count == 1 else {
            throw SignatureFault("The message has \(signers.count) signers; exactly one is wanted.")
        }
        guard signers[0].tag == BERElement.sequence, let info = signers[0].children, info.count >= 5 else {
            throw SignatureFault("The SignerInfo is malformed.")
        }
        guard let version = info[0].smallInteger, version == 1 || version == 3 else {
            throw SignatureFault("The SignerInfo is of another version than 1 and 3.")
        }
        signer = try SignedMessage.signer(info[1])
        guard let digest = DigestKind(algorithm: info[2]), digest.isAllowed(by: policy) else {
            throw SignatureFault("The digest algorithm of the signer is not an allowed one.")
        }
        guard digests.contains(digest) else {
            throw SignatureFault("The digest algorithm of the signer is not among those of the message.")
        }
        self.digest = digest
        var tail = info[3...]
        attributes = tail.first?.tag == 0xA0 ? try SignedAttributes(tail.removeFirst()) : nil
        if tail.count == 3 { try SignedMessage.checkUnsigned(tail.removeLast()) }
        guard tail.count == 2, let algorithm = tail.popFirst(), let value = tail.popFirst() else {
            throw SignatureFault("The SignerInfo is malformed.")
        }
        guard value.tag == BERElement.octets else {
            throw SignatureFault("The signature value is no OCTET STRING in one piece.")
        }
        scheme = try SignatureScheme(algorithm, digest: digest)
        guard scheme.digests.allSatisfy({ $0.isAllowed(by: policy) }) else {
            throw SignatureFault("The mask digest of RSASSA-PSS is not an allowed one.")
        }
        self.value = Array(value.contents)
    }

    private static func digests(_ set: BERElement, policy: SignaturePolicy) throws(SignatureFault)
        -> [DigestKind]
    {
        guard set.tag == BERElement.set, let elements = set.children, elements.count <= 8 else {
            throw SignatureFault("The list of digest algorithms is malformed.")
        }
        var digests: [DigestKind] = []
        for element in elements {
            guard let digest = DigestKind(algorithm: element), digest.isAllowed(by: policy) else {
                throw SignatureFault("The message lists a digest algorithm that is not an allowed one.")
            }
            digests.append(digest)
        }
        return digests
    }

    private static func checkContent(_ content: BERElement) throws(SignatureFault) {
        guard content.tag == BERElement.sequence, let parts = content.children, !parts.isEmpty,
            parts[0].tag == BERElement.identifier, parts[0].contents.elementsEqual(CMSIdentifier.data)
        else { throw SignatureFault("The inner content type is not data.") }
        guard parts.count == 1 else {
            throw SignatureFault("The signature holds the content; a detached signature is wanted.")
        }
    }

    /// Certificates or lists. A message with anything else in their place, such as attribute certificates, is refused.
    private static func embedded(
        _ rest: inout ArraySlice<BERElement>, tag: UInt8
    ) throws(SignatureFault) -> [[UInt8]] {
        guard let first = rest.first, first.tag == tag else { return [] }
        rest = rest.dropFirst()
        guard let elements = first.children, elements.allSatisfy({ $0.tag == BERElement.sequence }) else {
            throw SignatureFault("What is embedded beside the signature is no certificate or list.")
        }
        guard elements.count <= certificateLimit else {
            throw SignatureFault(
                "The message holds \(elements.count) certificates; at most \(certificateLimit) are taken.")
        }
        return elements.map { Array($0.whole) }
    }

    /// Nothing is learnt from them either, but whoever verifies the message after us has to read them.
    private static func checkUnsigned(_ element: BERElement) throws(SignatureFault) {
        let attributes = element.children?.map { SignerAttribute($0) }
        guard element.tag == 0xA1, let attributes,
            attributes.allSatisfy({ $0.map { !$0.belongsSigned } ?? false })
        else { throw SignatureFault("The unsigned attributes are malformed.") }
    }

    private static func signer(_ element: BERElement) throws(SignatureFault) -> Signer {
        if element.tag == 0x80, !element.contents.isEmpty {
            return .subjectKeyIdentifier(Array(element.contents))
        }
        guard element.tag == BERElement.sequence, let parts = element.children, parts.count == 2,
            let issuer = parts[0].definite(), parts[1].tag == BERElement.integer, !parts[1].contents.isEmpty
        else { throw SignatureFault("The signer identifier is malformed.") }
        return .issuerAndSerial(issuer: issuer, serial: Array(parts[1].contents))
    }
}

extension SignedMessage.Signer {
    /// `certificate` is what the identifier tells.
    func tells(_ certificate: DecodedCertificate) -> Bool {
        switch self {
        case .subjectKeyIdentifier(let identifier): return certificate.subjectKeyIdentifier == identifier
        case .issuerAndSerial(let issuer, let serial):
            guard certificate.serial == serial else { return false }
            if certificate.issuerName == issuer { return true }
            // The same name may be written in another string type.
            let decoded = OpenSSLValue.decode(
                issuer, { d2i_X509_NAME(nil, $0, $1) }, free: { X509_NAME_free($0) })
            defer { OpenSSLErrors.clear() }
            guard let decoded else { return false }
            let name = OpenSSLOwner(owning: decoded) { X509_NAME_free($0) }
            return X509_NAME_cmp(name.handle, X509_get_issuer_name(certificate.handle)) == 0
        }
    }
}

extension DigestKind {
    func isAllowed(by policy: SignaturePolicy) -> Bool { self != .sha1 || policy.allowsSHA1 }
}

/// The content octets of the object identifiers of RFC 5652 and RFC 5035.
enum CMSIdentifier {
    private static let pkcs: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01]
    private static let ess = pkcs + [0x09, 0x10, 0x02]
    static let data = pkcs + [0x07, 0x01]
    static let signedData = pkcs + [0x07, 0x02]
    static let contentType = pkcs + [0x09, 0x03]
    static let messageDigest = pkcs + [0x09, 0x04]
    static let signingTime = pkcs + [0x09, 0x05]
    static let countersignature = pkcs + [0x09, 0x06]
    static let receiptRequest = ess + [0x01]
    static let olderSigningCertificate = ess + [0x0C]
    static let signingCertificate = ess + [0x2F]

    /// Attributes that are signed, and have one value.
    static let single = [
        contentType, messageDigest, signingTime, receiptRequest, olderSigningCertificate, signingCertificate,
    ]
}
