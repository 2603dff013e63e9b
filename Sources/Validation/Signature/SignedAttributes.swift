internal import COpenSSL
internal import Exchange

internal import struct Foundation.Date

/// The signed attributes of a signer (RFC 5652 section 5.3): contentType and messageDigest are there, once
/// each.
struct SignedAttributes {
    /// What the signature is over: the attributes as a SET OF in DER, in the order received.
    let encoded: [UInt8]
    let messageDigest: [UInt8]
    /// Nil when there is none or it is no valid time.
    let signingTime: Date?
    /// The digest of the signer's certificate (RFC 5035), when the signer bound one of a kind we know.
    private let signingCertificate: (digest: DigestKind, value: [UInt8])?

    /// - Parameter element: the `[0] IMPLICIT SET OF Attribute`.
    init(_ element: BERElement) throws(SignatureFault) {
        guard let attributes = element.children, let encoded = element.definite(tag: BERElement.set) else {
            throw SignatureFault("The signed attributes are malformed.")
        }
        self.encoded = encoded
        var values: [[UInt8]: [BERElement]] = [:]
        for attribute in attributes {
            guard attribute.tag == BERElement.sequence, let parts = attribute.children, parts.count == 2,
                parts[0].tag == BERElement.identifier, parts[1].tag == BERElement.set,
                let set = parts[1].children
            else { throw SignatureFault("The signed attributes are malformed.") }
            guard values.updateValue(set, forKey: Array(parts[0].contents)) == nil else {
                throw SignatureFault("A signed attribute stands twice.")
            }
        }
        guard let type = values[CMSIdentifier.contentType], type.count == 1,
            type[0].tag == BERElement.identifier,
            type[0].contents.elementsEqual(CMSIdentifier.data)
        else { throw SignatureFault("The signed attribute contentType is missing or is not data.") }
        guard let digest = values[CMSIdentifier.messageDigest], digest.count == 1,
            digest[0].tag == BERElement.octets
        else { throw SignatureFault("The signed attribute messageDigest is missing or malformed.") }
        messageDigest = Array(digest[0].contents)
        signingTime = SignedAttributes.time(values[CMSIdentifier.signingTime])
        signingCertificate = try SignedAttributes.bound(values[CMSIdentifier.signingCertificate])
    }

    private static func time(_ values: [BERElement]?) -> Date? {
        guard let values, values.count == 1, let der = values[0].definite() else { return nil }
        defer { ERR_clear_error() }
        return der.withUnsafeBufferPointer { buffer in
            var position = buffer.baseAddress
            guard let time = d2i_ASN1_TIME(nil, &position, buffer.count) else { return nil }
            defer { ASN1_TIME_free(time) }
            return OpenSSLValue.date(time)
        }
    }

    /// The first ESSCertIDv2 of a SigningCertificateV2; its digest is SHA-256 when not named.
    private static func bound(
        _ values: [BERElement]?
    ) throws(SignatureFault) -> (digest: DigestKind, value: [UInt8])? {
        guard let values else { return nil }
        guard let identifiers = values.first?.children?.first?.children,
            let first = identifiers.first?.children,
            let hash = first.first(where: { $0.tag == BERElement.octets })
        else { throw SignatureFault("The signed attribute signingCertificateV2 is malformed.") }
        guard first[0].tag == BERElement.sequence else { return (.sha256, Array(hash.contents)) }
        return DigestKind(algorithm: first[0]).map { ($0, Array(hash.contents)) }
    }

    /// False when the signer bound another certificate than this one.
    func allow(_ certificate: DecodedCertificate) -> Bool {
        guard let (digest, value) = signingCertificate else { return true }
        return digest.digest(certificate.der) == value
    }
}
