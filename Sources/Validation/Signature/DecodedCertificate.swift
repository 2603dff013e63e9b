internal import COpenSSL
internal import Exchange

internal import struct Foundation.Date

/// A certificate in OpenSSL's form, with what the decision asks of it read once.
///
/// The one owner of its X509. `@unchecked Sendable`: nothing is changed after `init`; OpenSSL's own caches
/// inside the object are filled in `init` and guarded by its lock.
final class DecodedCertificate: @unchecked Sendable {
    /// Lives as long as this object.
    let handle: OpaquePointer
    let digest: Digest
    let der: [UInt8]
    let notBefore: Date
    let notAfter: Date
    /// DER of the issuer's name.
    let issuerName: [UInt8]
    /// The content octets of the serial number.
    let serial: [UInt8]
    let subjectKeyIdentifier: [UInt8]?
    let isAuthority: Bool

    /// - Throws: `.notACertificate` unless `der` is one certificate and nothing more.
    init(der: [UInt8]) throws(CertificateFault) {
        OpenSSLErrors.clear()
        defer { OpenSSLErrors.clear() }
        let owner = OpenSSLValue.decode(der, { d2i_X509(nil, $0, $1) }, free: { X509_free($0) })
        guard let handle = owner else { throw .notACertificate }
        self.handle = handle
        self.der = der
        digest = Digest(ofSHA256: der)
        notBefore = OpenSSLValue.date(X509_get0_notBefore(handle)) ?? .distantFuture
        notAfter = OpenSSLValue.date(X509_get0_notAfter(handle)) ?? .distantPast
        issuerName = OpenSSLValue.der { i2d_X509_NAME(X509_get_issuer_name(handle), $0) } ?? []
        let integer = OpenSSLValue.der { i2d_ASN1_INTEGER(X509_get0_serialNumber(handle), $0) } ?? []
        serial = BERElement(whole: integer).map { Array($0.contents) } ?? []
        // Negative one: fill the cache of extensions only. An extension that cannot be read makes it fail.
        let isReadable = X509_check_purpose(handle, -1, 0) == 1
        subjectKeyIdentifier = X509_get0_subject_key_id(handle).map { OpenSSLValue.bytes($0) }
        isAuthority = X509_check_ca(handle) == 1
        // Every property is set by now, so that `deinit` runs and frees when this throws.
        guard isReadable, notBefore != .distantFuture, notAfter != .distantPast, !serial.isEmpty else {
            throw .notACertificate
        }
    }

    deinit { X509_free(handle) }

    var key: OpaquePointer? { X509_get0_pubkey(handle) }

    /// Issuer and subject are the same name.
    var isSelfIssued: Bool { X509_NAME_cmp(X509_get_issuer_name(handle), X509_get_subject_name(handle)) == 0 }

    /// `RSA` or `EC` with the bits, or OpenSSL's name of another kind.
    var keyStrength: (kind: String, bits: Int) {
        guard let key else { return ("unknown", 0) }
        let bits = Int(EVP_PKEY_get_bits(key))
        switch EVP_PKEY_get_base_id(key) {
        case EVP_PKEY_RSA: return ("RSA", bits)
        case EVP_PKEY_EC: return ("EC", bits)
        default: return (EVP_PKEY_get0_type_name(key).map { String(cString: $0) } ?? "unknown", bits)
        }
    }

    /// RSA of at least 2048 bits, or P-256, P-384, P-521.
    func checkKey() throws(CertificateFault) {
        let (kind, bits) = keyStrength
        switch kind {
        case "RSA":
            guard bits >= 2048 else { throw .weakKey(kind: kind, bits: bits) }
        case "EC":
            let curve = curveName
            guard ["prime256v1", "secp384r1", "secp521r1"].contains(curve) else {
                throw .unsupportedKey("EC \(curve)")
            }
        default: throw .unsupportedKey(kind)
        }
    }

    private var curveName: String {
        var buffer = [CChar](repeating: 0, count: 64)
        var count = 0
        guard let key, EVP_PKEY_get_group_name(key, &buffer, buffer.count, &count) == 1, count < buffer.count
        else {
            OpenSSLErrors.clear()
            return "with parameters of its own"
        }
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The key usage has digitalSignature or nonRepudiation, or there is no such extension.
    var maySign: Bool {
        let usage = X509_get_key_usage(handle)
        return usage == UInt32.max || usage & UInt32(KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION) != 0
    }

    /// `issuer` bears the name, the key identifier and the key that signed this certificate.
    func isIssued(by issuer: DecodedCertificate) -> Bool {
        defer { OpenSSLErrors.clear() }
        guard X509_check_issued(issuer.handle, handle) == X509_V_OK, let key = issuer.key else {
            return false
        }
        return X509_verify(handle, key) == 1
    }

    /// Capitals, no separators; nil when there is no memory.
    var serialHexadecimal: String? {
        guard let number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(handle), nil) else { return nil }
        defer { BN_free(number) }
        guard let text = BN_bn2hex(number) else { return nil }
        defer { CRYPTO_free(text, nil, 0) }
        return String(cString: text)
    }

    /// The subject, for a sentence.
    var shortSubject: String { OpenSSLValue.shortText(ofName: X509_get_subject_name(handle)) }

    /// What it says, as plain values.
    func facts() throws(CertificateFault) -> CertificateFacts {
        OpenSSLErrors.clear()
        defer { OpenSSLErrors.clear() }
        let name = X509_get_subject_name(handle)
        let subject = try OpenSSLValue.text(ofName: name)
        let number = try OpenSSLOwner.make(
            "reading the serial number", ASN1_INTEGER_to_BN(X509_get0_serialNumber(handle), nil)
        ) { BN_free($0) }
        guard let decimal = BN_bn2dec(number.handle), let hexadecimal = BN_bn2hex(number.handle) else {
            throw OpenSSLErrors.fault("writing the serial number")
        }
        defer {
            CRYPTO_free(decimal, nil, 0)
            CRYPTO_free(hexadecimal, nil, 0)
        }
        let (kind, bits) = keyStrength
        return CertificateFacts(
            der: der, fingerprint: digest, subject: subject,
            issuer: try OpenSSLValue.text(ofName: X509_get_issuer_name(handle)),
            owner: OpenSSLValue.attribute(NID_commonName, ofName: name) ?? subject,
            company: OpenSSLValue.attribute(NID_organizationName, ofName: name),
            serialDecimal: String(cString: decimal), serialHexadecimal: String(cString: hexadecimal),
            notBefore: notBefore, notAfter: notAfter, keyKind: kind, keyBits: bits, isAuthority: isAuthority)
    }
}
