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
    private let bindings: [CertificateBinding]

    /// - Parameter element: the `[0] IMPLICIT SET OF Attribute`.
    init(_ element: BERElement) throws(SignatureFault) {
        guard let attributes = element.children, let encoded = element.definite(tag: BERElement.set) else {
            throw SignatureFault("The signed attributes are malformed.")
        }
        self.encoded = encoded
        var values: [[UInt8]: [BERElement]] = [:]
        for element in attributes {
            guard let attribute = SignerAttribute(element) else {
                throw SignatureFault("The signed attributes are malformed.")
            }
            guard attribute.isDistinguished else {
                throw SignatureFault("The values of a signed attribute are not in DER.")
            }
            guard values.updateValue(attribute.values, forKey: attribute.type) == nil else {
                throw SignatureFault("A signed attribute stands twice.")
            }
        }
        guard values[CMSIdentifier.countersignature] == nil,
            CMSIdentifier.single.allSatisfy({ values[$0]?.count ?? 1 == 1 })
        else { throw SignatureFault("A signed attribute has more than one value, or must not be signed.") }
        guard let type = values[CMSIdentifier.contentType]?.first, type.tag == BERElement.identifier,
            type.contents.elementsEqual(CMSIdentifier.data)
        else { throw SignatureFault("The signed attribute contentType is missing or is not data.") }
        guard let digest = values[CMSIdentifier.messageDigest]?.first, digest.tag == BERElement.octets else {
            throw SignatureFault("The signed attribute messageDigest is missing or malformed.")
        }
        messageDigest = Array(digest.contents)
        signingTime = SignedAttributes.time(values[CMSIdentifier.signingTime])
        var bindings: [CertificateBinding] = []
        for value in values[CMSIdentifier.signingCertificate] ?? [] {
            bindings.append(try CertificateBinding(value))
        }
        for value in values[CMSIdentifier.olderSigningCertificate] ?? [] {
            bindings.append(try CertificateBinding(value, fixed: .sha1))
        }
        self.bindings = bindings
    }

    private static func time(_ values: [BERElement]?) -> Date? {
        guard let values, values.count == 1, let der = values[0].definite() else { return nil }
        defer { OpenSSLErrors.clear() }
        return der.withUnsafeBufferPointer { buffer in
            var position = buffer.baseAddress
            guard let time = d2i_ASN1_TIME(nil, &position, buffer.count) else { return nil }
            defer { ASN1_TIME_free(time) }
            // What no certificate could say could not be stored and read again.
            return OpenSSLValue.date(time).flatMap { ChainEvidence.dates.contains($0) ? $0 : nil }
        }
    }

    /// False when the signer bound another certificate than this one.
    func allow(_ certificate: DecodedCertificate) -> Bool { bindings.allSatisfy { $0.allows(certificate) } }
}
