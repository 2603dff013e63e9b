internal import COpenSSL
public import Exchange

/// A private key that signs: read from a file, or left on its token. Never given out.
///
/// `@unchecked Sendable`: nothing changes after `init`, and OpenSSL allows one key to sign on several threads.
public final class SigningKey: @unchecked Sendable {
    let owner: OpenSSLOwner
    /// What must be there as long as the key is: the token it lies on.
    private let ground: AnyObject?

    init(owning owner: consuming OpenSSLOwner, on ground: AnyObject? = nil) {
        self.owner = owner
        self.ground = ground
    }

    var isRSA: Bool { EVP_PKEY_get_base_id(owner.handle) == EVP_PKEY_RSA }

    /// Whether the certificate bears the public half of this key.
    public func isKey(of certificate: CertificateFacts) -> Bool {
        defer { ERR_clear_error() }
        guard let decoded = try? DecodedCertificate(der: certificate.der) else { return false }
        return isKey(of: decoded)
    }

    func isKey(of certificate: DecodedCertificate) -> Bool {
        X509_check_private_key(certificate.handle, owner.handle) == 1
    }

    /// Signs a digest: PKCS#1 version 1.5 or PSS with RSA, ECDSA in DER with an elliptic curve.
    func signature(
        over hash: [UInt8], by digest: DigestKind, isPSS: Bool = false
    ) throws(CertificateFault) -> [UInt8] {
        ERR_clear_error()
        defer { ERR_clear_error() }
        let context = try OpenSSLOwner.make("signing", EVP_PKEY_CTX_new_from_pkey(nil, owner.handle, nil)) {
            EVP_PKEY_CTX_free($0)
        }
        try OpenSSLErrors.check(EVP_PKEY_sign_init(context.handle), "signing")
        if isRSA {
            let padding = isPSS ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING
            try OpenSSLErrors.check(EVP_PKEY_CTX_set_rsa_padding(context.handle, padding), "signing")
        }
        try OpenSSLErrors.check(EVP_PKEY_CTX_set_signature_md(context.handle, digest.algorithm), "signing")
        if isRSA, isPSS {
            try OpenSSLErrors.check(
                EVP_PKEY_CTX_set_rsa_pss_saltlen(context.handle, Int32(hash.count)), "signing")
        }
        var count = Int(EVP_PKEY_get_size(owner.handle))
        var value = [UInt8](repeating: 0, count: count)
        try OpenSSLErrors.check(EVP_PKEY_sign(context.handle, &value, &count, hash, hash.count), "signing")
        return Array(value.prefix(count))
    }
}
