internal import COpenSSL
internal import Exchange
internal import Foundation

/// The slow path: what OpenSSL's own `CMS_verify` says of a signature, under the rules of the exchange. Made to be
/// compared with, and shares no line with what is compared.
///
/// Each registered certificate is offered alone, as OpenSSL takes the first that the message names.
struct ReferenceVerifier {
    let authorities: [[UInt8]]
    /// DER; only a signer's own status is looked up.
    let lists: [[UInt8]]
    let allowsSHA1: Bool
    let limit: Int

    enum Verdict: Equatable {
        case accepted
        case refused(String)
    }

    func verdict(
        on signature: [UInt8], of payload: [UInt8], registered: [[UInt8]], at time: Date
    ) -> Verdict {
        ERR_clear_error()
        defer { ERR_clear_error() }
        guard signature.count <= limit else { return .refused("size") }
        guard let der = ReferenceText.decode(signature) else { return .refused("text") }
        var last = Verdict.refused("nobody is registered")
        for certificate in registered {
            for form in [{ payload }, { ReferenceText.crlf(payload) }] {
                last = verdict(on: der, of: form(), by: certificate, at: time)
                if last == .accepted { return last }
                // What is wrong with the message is wrong with it over any bytes.
                if case .refused("no message") = last { return last }
            }
        }
        return last
    }

    private func verdict(
        on der: [UInt8], of content: [UInt8], by registered: [UInt8], at time: Date
    ) -> Verdict {
        guard
            let message = ReferenceVerifier.decode(
                der, { d2i_CMS_ContentInfo(nil, $0, $1) }, freeing: CMS_ContentInfo_free)
        else {
            return .refused("no message")
        }
        defer { CMS_ContentInfo_free(message) }
        guard
            let certificate = ReferenceVerifier.decode(
                registered, { d2i_X509(nil, $0, $1) }, freeing: X509_free)
        else {
            return .refused("no certificate")
        }
        defer { X509_free(certificate) }
        guard OBJ_obj2nid(CMS_get0_type(message)) == NID_pkcs7_signed,
            OBJ_obj2nid(CMS_get0_eContentType(message)) == NID_pkcs7_data, CMS_is_detached(message) == 1
        else { return .refused("not a detached SignedData of data") }
        let signers = CMS_get0_SignerInfos(message)
        guard OPENSSL_sk_num(signers) == 1, let signer = OPENSSL_sk_value(signers, 0) else {
            return .refused("signers")
        }
        guard ReferencePolicy.allows(OpaquePointer(signer), sha1: allowsSHA1) else {
            return .refused("algorithms")
        }
        guard ReferencePolicy.maySign(certificate) else { return .refused("use or key") }
        return verify(message, OpaquePointer(signer), content, certificate, at: time)
    }

    private func verify(
        _ message: OpaquePointer, _ signer: OpaquePointer, _ content: [UInt8], _ certificate: OpaquePointer,
        at time: Date
    ) -> Verdict {
        guard let store = store(at: time), let known = ecluse_certificates_new() else {
            return .refused("store")
        }
        defer {
            X509_STORE_free(store)
            ecluse_certificates_free(known)
        }
        guard ecluse_certificates_add(known, certificate) == 1 else { return .refused("stack") }
        // Certificates of the message are candidates for the path, never for the signer.
        var flags = UInt32(CMS_BINARY | CMS_DETACHED | CMS_NOINTERN)
        let isBound = [NID_id_smime_aa_signingCertificate, NID_id_smime_aa_signingCertificateV2]
            .contains { CMS_signed_get_attr_by_NID(signer, $0, -1) >= 0 }
        if isBound { flags |= UInt32(CMS_CADES) }
        let isRight = content.withUnsafeBytes { bytes in
            // Behind a filter, because CMS_verify makes a copy of a bare buffer, and loses it when it fails early.
            let source = BIO_push(
                BIO_new(BIO_f_null()),
                BIO_new_mem_buf(
                    bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1), Int32(bytes.count)))
            defer { BIO_free_all(source) }
            return CMS_verify(message, known, store, source, nil, flags) == 1
        }
        guard isRight else { return .refused(ReferenceVerifier.words()) }
        return .accepted
    }

    /// The accepted authorities and lists, and what a path must be.
    private func store(at time: Date) -> OpaquePointer? {
        guard let store = X509_STORE_new(), let limits = X509_STORE_get0_param(store) else { return nil }
        for der in authorities {
            guard
                let authority = ReferenceVerifier.decode(
                    der, { d2i_X509(nil, $0, $1) }, freeing: X509_free)
            else { continue }
            X509_STORE_add_cert(store, authority)
            X509_free(authority)
        }
        for der in lists {
            guard
                let list = ReferenceVerifier.decode(
                    der, { d2i_X509_CRL(nil, $0, $1) }, freeing: X509_CRL_free)
            else { continue }
            X509_STORE_add_crl(store, list)
            X509_CRL_free(list)
        }
        var flags = UInt(X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST)
        if !lists.isEmpty { flags |= UInt(X509_V_FLAG_CRL_CHECK) }
        X509_VERIFY_PARAM_set_flags(limits, flags)
        X509_VERIFY_PARAM_set_purpose(limits, Int32(X509_PURPOSE_ANY))
        X509_VERIFY_PARAM_set_time(limits, Int(time.timeIntervalSince1970))
        X509_VERIFY_PARAM_set_depth(limits, 8)
        X509_VERIFY_PARAM_set_auth_level(limits, 2)
        return store
    }

    /// All of the bytes, or nothing.
    private static func decode(
        _ der: [UInt8], _ read: (UnsafeMutablePointer<UnsafePointer<UInt8>?>, Int) -> OpaquePointer?,
        freeing free: (OpaquePointer?) -> Void
    ) -> OpaquePointer? {
        der.withUnsafeBufferPointer { bytes in
            var place = bytes.baseAddress
            guard let handle = read(&place, bytes.count) else { return nil }
            // What follows is left to its owner by OpenSSL; a signature file has none.
            guard place == bytes.baseAddress.map({ $0 + bytes.count }) else {
                free(handle)
                return nil
            }
            return handle
        }
    }

    private static func words() -> String {
        var words = ""
        while case let code = ERR_get_error(), code != 0 {
            words += ERR_reason_error_string(code).map { String(cString: $0) + "; " } ?? "\(code); "
        }
        return words
    }
}
