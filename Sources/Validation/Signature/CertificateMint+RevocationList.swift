internal import COpenSSL
public import Exchange

public import struct Foundation.Date

extension CertificateMint {
    /// What a revocation list is to say.
    public struct ListRequest: Sendable {
        /// The certificates revoked and when, by serial number: positive, big-endian.
        public var revoked: [(serial: [UInt8], at: Date)]
        /// The CRL number.
        public var number: Int
        public var thisUpdate: Date
        /// Nil for a list that names no successor.
        public var nextUpdate: Date?

        public init(revoked: [(serial: [UInt8], at: Date)], number: Int, thisUpdate: Date, nextUpdate: Date?)
        {
            self.revoked = revoked
            self.number = number
            self.thisUpdate = thisUpdate
            self.nextUpdate = nextUpdate
        }
    }

    /// A new revocation list of `issuer`, signed with SHA-256.
    public static func revocationList(
        _ request: ListRequest, issuer: Issuer
    ) throws(CertificateFault) -> RevocationListFacts {
        ERR_clear_error()
        defer { ERR_clear_error() }
        let list = try OpenSSLOwner.make("making a list", X509_CRL_new()) { X509_CRL_free($0) }
        let authority = try DecodedCertificate(der: issuer.certificate.der)
        // Version 2 is written as 1; the extension for the number needs it.
        try OpenSSLErrors.check(X509_CRL_set_version(list.handle, 1), "setting a version")
        try OpenSSLErrors.check(
            X509_CRL_set_issuer_name(list.handle, X509_get_subject_name(authority.handle)),
            "setting an issuer")
        try withTime(request.thisUpdate) { X509_CRL_set1_lastUpdate(list.handle, $0) }
        if let nextUpdate = request.nextUpdate {
            try withTime(nextUpdate) { X509_CRL_set1_nextUpdate(list.handle, $0) }
        }
        for entry in request.revoked { try revoke(entry.serial, at: entry.at, in: list) }
        try OpenSSLErrors.check(X509_CRL_sort(list.handle), "sorting a list")
        try addExtensions(number: request.number, authority: authority.handle, to: list)
        guard X509_CRL_sign(list.handle, issuer.key.owner.handle, DigestKind.sha256.algorithm) > 0,
            let der = OpenSSLValue.der({ i2d_X509_CRL(list.handle, $0) })
        else { throw OpenSSLErrors.fault("signing a list") }
        return try RevocationListFacts.read(der)
    }

    private static func withTime(
        _ date: Date, _ set: (UnsafeMutablePointer<ASN1_TIME>) -> Int32
    ) throws(CertificateFault) {
        guard let time = ASN1_TIME_new() else { throw OpenSSLErrors.fault("making a time") }
        defer { ASN1_TIME_free(time) }
        try setTime(date, time)
        try OpenSSLErrors.check(set(time), "setting a time")
    }

    private static func revoke(
        _ serial: [UInt8], at date: Date, in list: borrowing OpenSSLOwner
    ) throws(CertificateFault) {
        guard let entry = X509_REVOKED_new() else { throw OpenSSLErrors.fault("making an entry") }
        var isAdded = false
        // The list takes the entry over once it is added.
        defer { if !isAdded { X509_REVOKED_free(entry) } }
        guard let number = ASN1_INTEGER_new() else { throw OpenSSLErrors.fault("making a serial number") }
        defer { ASN1_INTEGER_free(number) }
        try setSerial(serial, of: number)
        try OpenSSLErrors.check(X509_REVOKED_set_serialNumber(entry, number), "setting a serial number")
        try withTime(date) { X509_REVOKED_set_revocationDate(entry, $0) }
        try OpenSSLErrors.check(X509_CRL_add0_revoked(list.handle, entry), "adding an entry")
        isAdded = true
    }

    private static func addExtensions(
        number: Int, authority: OpaquePointer, to list: borrowing OpenSSLOwner
    ) throws(CertificateFault) {
        guard let integer = ASN1_INTEGER_new() else { throw OpenSSLErrors.fault("making a number") }
        defer { ASN1_INTEGER_free(integer) }
        try OpenSSLErrors.check(ASN1_INTEGER_set_int64(integer, Int64(number)), "setting a number")
        try OpenSSLErrors.check(
            X509_CRL_add1_ext_i2d(list.handle, NID_crl_number, integer, 0, 0), "setting a number")
        var context = X509V3_CTX()
        X509V3_set_ctx(&context, authority, nil, nil, list.handle, 0)
        let item = try OpenSSLOwner.make(
            "making an extension",
            X509V3_EXT_nconf_nid(nil, &context, NID_authority_key_identifier, "keyid:always")
        ) { X509_EXTENSION_free($0) }
        try OpenSSLErrors.check(X509_CRL_add_ext(list.handle, item.handle, -1), "adding an extension")
    }
}

/// Writes PEM (RFC 7468).
enum PEMText {
    static func encode(_ der: [UInt8], label: String) -> [UInt8] {
        let body = SignatureText.encode(der).filter { $0 != 0x0D }
        return Array("-----BEGIN \(label)-----\n".utf8) + body + Array("-----END \(label)-----\n".utf8)
    }
}
