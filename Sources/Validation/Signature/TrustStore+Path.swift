internal import COpenSSL
internal import Foundation

extension TrustStore {
    /// Certificates between the signer's and the accepted authority's.
    private static let longestPath: Int32 = 8
    /// OpenSSL's level 2: at least 112 bits, so neither RSA below 2048 nor SHA-1 anywhere in a path.
    private static let securityLevel: Int32 = 2

    /// The path from `certificate` to an accepted authority, both included.
    func path(
        from certificate: DecodedCertificate, intermediates: [[UInt8]], at time: Date
    ) throws(ChainFault) -> [DecodedCertificate] {
        guard let seconds = OpenSSLValue.seconds(time) else {
            throw .certificate(.internalFault("The time of the judgement is out of range."))
        }
        do {
            let search = try OpenSSLOwner.make("making a path search", X509_STORE_CTX_new()) {
                X509_STORE_CTX_free($0)
            }
            let others = try TrustStore.stack(of: intermediates)
            try OpenSSLErrors.check(
                X509_STORE_CTX_init(search.handle, store.handle, certificate.handle, others.handle),
                "starting a path search")
            guard let limits = X509_STORE_CTX_get0_param(search.handle) else {
                throw OpenSSLErrors.fault("starting a path search")
            }
            try TrustStore.limit(limits, seconds: seconds)
            let isGood = X509_verify_cert(search.handle) == 1
            guard isGood, X509_STORE_CTX_get_error(search.handle) == X509_V_OK else {
                throw TrustStore.fault(of: search)
            }
            return try certificates(of: X509_STORE_CTX_get0_chain(search.handle), first: certificate)
        } catch let fault as ChainFault {
            throw fault
        } catch let fault as CertificateFault {
            throw .certificate(fault)
        } catch {
            throw .certificate(.internalFault("\(error)"))
        }
    }

    static func limit(_ limits: OpaquePointer, seconds: Int) throws(CertificateFault) {
        let flags = UInt(X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST)
        try OpenSSLErrors.check(X509_VERIFY_PARAM_set_flags(limits, flags), "limiting a path search")
        // OpenSSL's purposes want extended key usages for mail or TLS; `checkSigner` judges ours.
        try OpenSSLErrors.check(
            X509_VERIFY_PARAM_set_purpose(limits, Int32(X509_PURPOSE_ANY)), "limiting a path search")
        X509_VERIFY_PARAM_set_time(limits, seconds)
        X509_VERIFY_PARAM_set_depth(limits, longestPath)
        X509_VERIFY_PARAM_set_auth_level(limits, securityLevel)
    }

    private static func stack(of intermediates: [[UInt8]]) throws(CertificateFault) -> OpenSSLOwner {
        let stack = try OpenSSLOwner.make("making a stack", ecluse_certificates_new()) {
            ecluse_certificates_free($0)
        }
        for der in intermediates {
            guard let certificate = try? DecodedCertificate(der: der) else { continue }
            try OpenSSLErrors.check(
                ecluse_certificates_add(stack.handle, certificate.handle), "filling a stack")
        }
        return stack
    }

    private func certificates(
        of chain: OpaquePointer?, first: DecodedCertificate
    ) throws(CertificateFault) -> [DecodedCertificate] {
        let count = ecluse_certificates_count(chain)
        guard count > 1 else { throw .noAcceptedAuthority }
        var path = [first]
        for index in 1..<count {
            let handle = ecluse_certificates_at(chain, index)
            guard let der = OpenSSLValue.der({ i2d_X509(handle, $0) }) else {
                throw OpenSSLErrors.fault("reading a path")
            }
            path.append(try DecodedCertificate(der: der))
        }
        // The search says so too; a path that does not end at an accepted authority must never pass.
        guard authorities.contains(where: { $0.digest == path.last?.digest }) else {
            throw .noAcceptedAuthority
        }
        return path
    }

    /// Why a path search failed.
    private static func fault(of search: borrowing OpenSSLOwner) -> ChainFault {
        let error = X509_STORE_CTX_get_error(search.handle)
        let depth = X509_STORE_CTX_get_error_depth(search.handle)
        let culprit = X509_STORE_CTX_get_current_cert(search.handle)
        let fault: CertificateFault
        switch error {
        case X509_V_ERR_CERT_HAS_EXPIRED:
            fault = .expired(OpenSSLValue.date(X509_get0_notAfter(culprit)) ?? .distantPast)
        case X509_V_ERR_CERT_NOT_YET_VALID:
            fault = .notYetValid(OpenSSLValue.date(X509_get0_notBefore(culprit)) ?? .distantFuture)
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
            X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_V_ERR_CERT_SIGNATURE_FAILURE,
            X509_V_ERR_CERT_UNTRUSTED:
            return .certificate(.noAcceptedAuthority)
        case X509_V_OK, X509_V_ERR_OUT_OF_MEM, X509_V_ERR_UNSPECIFIED:
            fault = OpenSSLErrors.fault("searching a path")
        default:
            fault = .notAcceptable(String(cString: X509_verify_cert_error_string(Int(error))))
        }
        guard depth > 0 else { return .certificate(fault) }
        let subject = OpenSSLValue.shortText(ofName: X509_get_subject_name(culprit))
        return .authority(fault, subject: subject)
    }
}
