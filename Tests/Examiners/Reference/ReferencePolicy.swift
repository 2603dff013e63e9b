internal import COpenSSL
internal import Foundation

/// Which algorithms and certificates the exchange takes, asked of OpenSSL's own structures.
enum ReferencePolicy {
    static func allows(_ signer: OpaquePointer, sha1: Bool) -> Bool {
        var digest: UnsafeMutablePointer<X509_ALGOR>?
        var scheme: UnsafeMutablePointer<X509_ALGOR>?
        CMS_SignerInfo_get0_algs(signer, nil, nil, &digest, &scheme)
        let allowed = [NID_sha256, NID_sha384, NID_sha512] + (sha1 ? [NID_sha1] : [])
        guard let digest, let scheme, allowed.contains(identifier(of: digest)) else { return false }
        guard identifier(of: scheme) == NID_rsassaPss else { return true }
        return mask(of: scheme).map(allowed.contains) ?? false
    }

    /// The digest inside the mask of RSASSA-PSS; nil when it cannot be read.
    private static func mask(of scheme: UnsafePointer<X509_ALGOR>) -> Int32? {
        guard let sequence = sequence(of: scheme) else { return nil }
        var place = ASN1_STRING_get0_data(sequence)
        guard let parameters = d2i_RSA_PSS_PARAMS(nil, &place, Int(ASN1_STRING_length(sequence))) else {
            return nil
        }
        defer { RSA_PSS_PARAMS_free(parameters) }
        guard let generator = parameters.pointee.maskGenAlgorithm else { return NID_sha1 }
        guard identifier(of: generator) == NID_mgf1, let inner = self.sequence(of: generator) else {
            return nil
        }
        place = ASN1_STRING_get0_data(inner)
        guard let digest = d2i_X509_ALGOR(nil, &place, Int(ASN1_STRING_length(inner))) else { return nil }
        defer { X509_ALGOR_free(digest) }
        return identifier(of: digest)
    }

    private static func identifier(of algorithm: UnsafePointer<X509_ALGOR>) -> Int32 {
        var object: OpaquePointer?
        X509_ALGOR_get0(&object, nil, nil, algorithm)
        return OBJ_obj2nid(object)
    }

    /// The parameters, when they are a SEQUENCE.
    private static func sequence(of algorithm: UnsafePointer<X509_ALGOR>) -> UnsafePointer<ASN1_STRING>? {
        var kind: Int32 = 0
        var value: UnsafeRawPointer?
        X509_ALGOR_get0(nil, &kind, &value, algorithm)
        guard kind == V_ASN1_SEQUENCE else { return nil }
        return value?.assumingMemoryBound(to: ASN1_STRING.self)
    }

    /// RSA from 2048 bits or one of three curves; no authority; not for other uses than signing.
    static func maySign(_ certificate: OpaquePointer) -> Bool {
        guard X509_check_ca(certificate) == 0, let key = X509_get0_pubkey(certificate) else { return false }
        let usage = X509_get_key_usage(certificate)
        guard usage & UInt32(KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION) != 0 else { return false }
        if EVP_PKEY_is_a(key, "RSA") == 1 { return EVP_PKEY_get_bits(key) >= 2048 }
        var name = [CChar](repeating: 0, count: 80)
        guard EVP_PKEY_is_a(key, "EC") == 1, EVP_PKEY_get_group_name(key, &name, name.count, nil) == 1 else {
            return false
        }
        let curve = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return ["prime256v1", "secp384r1", "secp521r1"].contains(curve)
    }
}
