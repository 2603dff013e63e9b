internal import COpenSSL
public import Exchange

internal import struct Foundation.Date

/// A certificate revocation list in OpenSSL's form.
///
/// The one owner of its X509_CRL. `@unchecked Sendable`: nothing is changed after `init`; OpenSSL sorts the
/// entries at the first look-up under the object's own lock.
final class DecodedRevocationList: @unchecked Sendable {
    /// Lives as long as this object.
    let handle: OpaquePointer
    let der: [UInt8]
    let thisUpdate: Date
    let nextUpdate: Date?
    /// The list speaks of certificates of this kind only; nil when of all.
    private let speaksOfAuthoritiesOnly: Bool?

    /// - Throws: `.notACertificate` unless `der` is one list; `.internalFault` when it is one that does not
    ///   stand alone.
    init(der: [UInt8]) throws(CertificateFault) {
        OpenSSLErrors.clear()
        defer { OpenSSLErrors.clear() }
        let owner = OpenSSLValue.decode(der, { d2i_X509_CRL(nil, $0, $1) }, free: { X509_CRL_free($0) })
        guard let handle = owner else { throw .notACertificate }
        self.handle = handle
        self.der = der
        thisUpdate = OpenSSLValue.date(X509_CRL_get0_lastUpdate(handle)) ?? .distantFuture
        let next = X509_CRL_get0_nextUpdate(handle)
        nextUpdate = next == nil ? nil : OpenSSLValue.date(next) ?? .distantPast
        let scope = DecodedRevocationList.scope(of: handle)
        speaksOfAuthoritiesOnly = scope.authoritiesOnly
        // Every property is set by now, so that `deinit` runs and frees when this throws.
        guard thisUpdate != .distantFuture, nextUpdate != .distantPast else { throw .notACertificate }
        guard scope.standsAlone else {
            throw .internalFault(
                "The list is a delta, an indirect or a partial list; a complete list is wanted.")
        }
    }

    /// Whether OpenSSL reads `der` as a list; nothing is said about what is in it.
    static func isList(_ der: [UInt8]) -> Bool {
        defer { OpenSSLErrors.clear() }
        guard
            let handle = OpenSSLValue.decode(der, { d2i_X509_CRL(nil, $0, $1) }, free: { X509_CRL_free($0) })
        else {
            return false
        }
        X509_CRL_free(handle)
        return true
    }

    deinit { X509_CRL_free(handle) }

    private static func scope(of list: OpaquePointer) -> (standsAlone: Bool, authoritiesOnly: Bool?) {
        let known = [NID_issuing_distribution_point, NID_authority_key_identifier, NID_crl_number]
        for index in 0..<X509_CRL_get_ext_count(list) {
            let item = X509_CRL_get_ext(list, index)
            let kind = OBJ_obj2nid(X509_EXTENSION_get_object(item))
            if X509_EXTENSION_get_critical(item) == 1, !known.contains(kind) { return (false, nil) }
        }
        guard X509_CRL_get_ext_by_NID(list, NID_issuing_distribution_point, -1) >= 0 else {
            return (true, nil)
        }
        guard let point = point(of: list) else { return (false, nil) }
        defer { ISSUING_DIST_POINT_free(point) }
        let (users, authorities) = (point.pointee.onlyuser > 0, point.pointee.onlyCA > 0)
        let isComplete =
            point.pointee.indirectCRL <= 0 && point.pointee.onlyattr <= 0
            && point.pointee.onlysomereasons == nil
            && !(users && authorities)
        return (isComplete, users || authorities ? authorities : nil)
    }

    private static func point(of list: OpaquePointer) -> UnsafeMutablePointer<ISSUING_DIST_POINT>? {
        X509_CRL_get_ext_d2i(list, NID_issuing_distribution_point, nil, nil)?
            .assumingMemoryBound(to: ISSUING_DIST_POINT.self)
    }

    /// The name in the list is the name of `certificate`'s issuer.
    func bearsIssuer(of certificate: DecodedCertificate) -> Bool {
        X509_NAME_cmp(X509_CRL_get_issuer(handle), X509_get_issuer_name(certificate.handle)) == 0
    }

    /// The name in the list is the name of `authority`.
    func bearsName(of authority: DecodedCertificate) -> Bool {
        X509_NAME_cmp(X509_CRL_get_issuer(handle), X509_get_subject_name(authority.handle)) == 0
    }

    /// Signed with `authority`'s key, which may sign lists.
    func isSigned(by authority: DecodedCertificate) -> Bool {
        OpenSSLErrors.clear()
        defer { OpenSSLErrors.clear() }
        let usage = X509_get_key_usage(authority.handle)
        guard usage == UInt32.max || usage & UInt32(KU_CRL_SIGN) != 0, let key = authority.key else {
            return false
        }
        return X509_CRL_verify(handle, key) == 1
    }

    /// The scope of the list (RFC 5280 section 5.2.5) takes in `certificate`.
    func covers(_ certificate: DecodedCertificate) -> Bool {
        if let speaksOfAuthoritiesOnly, speaksOfAuthoritiesOnly != certificate.isAuthority { return false }
        guard let point = DecodedRevocationList.point(of: handle) else { return true }
        defer { ISSUING_DIST_POINT_free(point) }
        guard let name = point.pointee.distpoint else { return true }
        return ecluse_shares_point(name, certificate.handle) == 1
    }

    /// When `certificate` was revoked; nil when the list does not hold it. A date that cannot be read is the
    /// list's own.
    func revocation(of certificate: DecodedCertificate) -> Date? {
        var entry: OpaquePointer?
        guard X509_CRL_get0_by_cert(handle, &entry, certificate.handle) == 1, let entry else { return nil }
        return OpenSSLValue.date(X509_REVOKED_get0_revocationDate(entry)) ?? thisUpdate
    }

    var issuer: String { (try? OpenSSLValue.text(ofName: X509_CRL_get_issuer(handle))) ?? "" }

    /// The CRL number in decimal, when it has one.
    var number: String? {
        guard
            let integer = X509_CRL_get_ext_d2i(handle, NID_crl_number, nil, nil)?
                .assumingMemoryBound(to: ASN1_INTEGER.self)
        else { return nil }
        defer { ASN1_INTEGER_free(integer) }
        guard let big = ASN1_INTEGER_to_BN(integer, nil) else { return nil }
        defer { BN_free(big) }
        guard let decimal = BN_bn2dec(big) else { return nil }
        defer { CRYPTO_free(decimal, nil, 0) }
        return String(cString: decimal)
    }
}

extension RevocationListFacts {
    /// Reads one certificate revocation list, PEM or DER. Its signature is judged against the accepted
    /// authorities, by `TrustStore`, not here.
    ///
    /// - Throws: `.notACertificate` when there is not exactly one list; `.internalFault` when it is a delta,
    ///   an indirect list or one for some reasons only, which alone cannot answer whether a certificate is
    ///   revoked.
    public static func read(_ file: [UInt8]) throws(CertificateFault) -> RevocationListFacts {
        let blocks = try PEMFile(file, labels: ["X509 CRL", "CRL"]).blocks
        guard blocks.count == 1 else { throw .notACertificate }
        let list = try DecodedRevocationList(der: blocks[0])
        return RevocationListFacts(
            der: list.der, fingerprint: Digest(ofSHA256: list.der), issuer: list.issuer, number: list.number,
            thisUpdate: list.thisUpdate, nextUpdate: list.nextUpdate)
    }
}
