internal import COpenSSL
public import Exchange

public import struct Foundation.Date
public import struct Foundation.TimeInterval

/// One question to a responder about one certificate (OCSP, RFC 6960), and the judgement of what it answers.
///
/// One thread at a time.
public final class StatusQuery {
    private let request: OpenSSLOwner
    private let subject: OpenSSLOwner
    private let issuer: DecodedCertificate
    /// The request, with a nonce.
    public let der: [UInt8]

    /// - Parameters:
    ///   - serial: of the certificate that is asked about, hexadecimal.
    ///   - issuer: the authority that issued it.
    public init(serial: String, issuer: CertificateFacts) throws(CertificateFault) {
        ERR_clear_error()
        defer { ERR_clear_error() }
        self.issuer = try DecodedCertificate(der: issuer.der)
        subject = try StatusQuery.subject(serial, of: self.issuer)
        request = try OpenSSLOwner.make("making a request", OCSP_REQUEST_new()) { OCSP_REQUEST_free($0) }
        guard let copy = OCSP_CERTID_dup(subject.handle) else {
            throw OpenSSLErrors.fault("making a request")
        }
        guard OCSP_request_add0_id(request.handle, copy) != nil else {
            OCSP_CERTID_free(copy)
            throw OpenSSLErrors.fault("making a request")
        }
        // Sixteen random bytes of OpenSSL's own.
        try OpenSSLErrors.check(OCSP_request_add1_nonce(request.handle, nil, 16), "adding a nonce")
        let handle = request.handle
        guard let der = OpenSSLValue.der({ i2d_OCSP_REQUEST(handle, $0) }) else {
            throw OpenSSLErrors.fault("writing a request")
        }
        self.der = der
    }

    /// SHA-1 names the issuer here and protects nothing; it is what every responder knows (RFC 5019 section 2.1.1).
    private static func subject(
        _ serial: String, of issuer: DecodedCertificate
    ) throws(CertificateFault) -> OpenSSLOwner {
        var number: OpaquePointer?
        guard BN_hex2bn(&number, serial) == serial.utf8.count, let number else {
            throw .internalFault("A serial number is not hexadecimal.")
        }
        defer { BN_free(number) }
        guard let integer = BN_to_ASN1_INTEGER(number, nil) else {
            throw OpenSSLErrors.fault("writing a serial number")
        }
        defer { ASN1_INTEGER_free(integer) }
        return try OpenSSLOwner.make(
            "naming a certificate",
            OCSP_cert_id_new(
                EVP_sha1(), X509_get_subject_name(issuer.handle), X509_get0_pubkey_bitstr(issuer.handle),
                integer)
        ) { OCSP_CERTID_free($0) }
    }

    /// What an answer says of the certificate, when it is one to this question: signed by the issuer, or by a delegate
    /// it certified for that (RFC 6960 section 4.2.2.2), about this certificate, in its time, and with the nonce of the
    /// question unless the responder knows none.
    ///
    /// - Parameter ageLimit: seconds that may lie behind an answer that does not say when the next one comes.
    public func read(
        _ answer: [UInt8], ageLimit: TimeInterval, at time: Date
    ) throws(StatusFault) -> CertificateStatus {
        ERR_clear_error()
        defer { ERR_clear_error() }
        let decoded = OpenSSLValue.decode(
            answer, { d2i_OCSP_RESPONSE(nil, $0, $1) }, free: { OCSP_RESPONSE_free($0) })
        guard let decoded else { throw StatusFault("The responder's answer is none.") }
        let response = OpenSSLOwner(owning: decoded) { OCSP_RESPONSE_free($0) }
        let state = OCSP_response_status(response.handle)
        guard state == OCSP_RESPONSE_STATUS_SUCCESSFUL else {
            let words = OCSP_response_status_str(Int(state)).map { String(cString: $0) } ?? "\(state)"
            throw StatusFault("The responder gives no answer: \(words).")
        }
        guard let handle = OCSP_response_get1_basic(response.handle) else {
            throw StatusFault("The responder's answer is of an unknown kind.")
        }
        let basic = OpenSSLOwner(owning: handle) { OCSP_BASICRESP_free($0) }
        // 1: the same in both; -1: the answer has none.
        guard [1, -1].contains(OCSP_check_nonce(request.handle, basic.handle)) else {
            throw StatusFault("The responder's answer is one to another question.")
        }
        try checkSigner(of: basic, at: time)
        return try status(in: basic, ageLimit: ageLimit, at: time)
    }

    private func checkSigner(of basic: borrowing OpenSSLOwner, at time: Date) throws(StatusFault) {
        let trusted: Bool
        do throws(CertificateFault) {
            trusted = try StatusQuery.isSigned(basic, under: issuer, at: time)
        } catch {
            throw StatusFault(error.sentence)
        }
        guard trusted else {
            throw StatusFault(
                "The responder's answer is not signed by the authority, nor by a delegate of it.")
        }
    }

    private static func isSigned(
        _ basic: borrowing OpenSSLOwner, under issuer: DecodedCertificate, at time: Date
    ) throws(CertificateFault) -> Bool {
        guard let seconds = OpenSSLValue.seconds(time) else {
            throw .internalFault("The time of the judgement is out of range.")
        }
        let store = try OpenSSLOwner.make("making a certificate store", X509_STORE_new()) {
            X509_STORE_free($0)
        }
        try OpenSSLErrors.check(X509_STORE_add_cert(store.handle, issuer.handle), "filling a store")
        guard let limits = X509_STORE_get0_param(store.handle) else {
            throw OpenSSLErrors.fault("limiting a path search")
        }
        try TrustStore.limit(limits, seconds: seconds)
        let known = try OpenSSLOwner.make("making a stack", ecluse_certificates_new()) {
            ecluse_certificates_free($0)
        }
        try OpenSSLErrors.check(ecluse_certificates_add(known.handle, issuer.handle), "filling a stack")
        guard signatureIsStrong(of: basic) else { return false }
        return OCSP_basic_verify(basic.handle, known.handle, store.handle, UInt(OCSP_NOEXPLICIT)) == 1
    }

    /// SHA-256 or stronger, as for every other signature.
    private static func signatureIsStrong(of basic: borrowing OpenSSLOwner) -> Bool {
        var digest: Int32 = 0
        var security: Int32 = 0
        guard let algorithm = OCSP_resp_get0_tbs_sigalg(basic.handle) else { return false }
        var object: OpaquePointer?
        X509_ALGOR_get0(&object, nil, nil, algorithm)
        guard OBJ_find_sigid_algs(OBJ_obj2nid(object), &digest, &security) == 1 else { return false }
        return ![NID_sha1, NID_md5, NID_sha224].contains(digest)
    }

    private func status(
        in basic: borrowing OpenSSLOwner, ageLimit: TimeInterval, at time: Date
    ) throws(StatusFault) -> CertificateStatus {
        var state: Int32 = 0
        var revoked: UnsafeMutablePointer<ASN1_GENERALIZEDTIME>?
        var this: UnsafeMutablePointer<ASN1_GENERALIZEDTIME>?
        var next: UnsafeMutablePointer<ASN1_GENERALIZEDTIME>?
        let isFound = OCSP_resp_find_status(
            basic.handle, subject.handle, &state, nil, &revoked, &this, &next)
        guard isFound == 1 else { throw StatusFault("The responder's answer is about another certificate.") }
        guard let thisUpdate = OpenSSLValue.date(this), next == nil || OpenSSLValue.date(next) != nil else {
            throw StatusFault("The responder's answer has a time that cannot be read.")
        }
        let window = StatusWindow(
            thisUpdate: thisUpdate, nextUpdate: OpenSSLValue.date(next), fetchedAt: time, ageLimit: ageLimit)
        if let fault = window.fault(at: time) { throw StatusFault("The responder's answer \(fault).") }
        guard state != V_OCSP_CERTSTATUS_UNKNOWN else {
            throw StatusFault("The responder does not know the certificate.", isUnknownCertificate: true)
        }
        let revokedAt = state == V_OCSP_CERTSTATUS_GOOD ? nil : OpenSSLValue.date(revoked) ?? thisUpdate
        return CertificateStatus(
            revokedAt: revokedAt, thisUpdate: thisUpdate, nextUpdate: window.nextUpdate, fetchedAt: time)
    }
}
