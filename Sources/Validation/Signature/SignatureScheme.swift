internal import COpenSSL

/// How a signature value is made from a digest. What has no case here is not allowed.
enum SignatureScheme: Equatable {
    case rsaPKCS1
    case rsaPSS(mask: DigestKind, saltLength: Int)
    case ecdsa

    private static let rsa: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01]
    private static let ec: [UInt8] = [0x2A, 0x86, 0x48, 0xCE, 0x3D]
    static let rsaEncryption = rsa + [0x01]
    static let ecdsaWithSHA256 = ec + [0x04, 0x03, 0x02]

    /// Reads the AlgorithmIdentifier of a signer. A digest named in it must be `digest`.
    init(_ element: BERElement, digest: DigestKind) throws(SignatureFault) {
        guard let parts = element.children, element.tag == BERElement.sequence, (1...2).contains(parts.count),
            parts[0].tag == BERElement.identifier
        else { throw SignatureFault("The signature algorithm is malformed.") }
        let identifier = Array(parts[0].contents)
        if identifier == SignatureScheme.rsa + [0x0A] {
            self = try SignatureScheme.pss(parts.dropFirst().first, digest: digest)
            return
        }
        // NULL, or the curve beside the name of a key; nothing is learnt from either.
        guard parts.count == 1 || parts[1].tag == BERElement.null || parts[1].tag == BERElement.identifier,
            parts.allSatisfy(\.isReadable)
        else { throw SignatureFault("The signature algorithm is malformed.") }
        guard let (scheme, named) = SignatureScheme.plain(identifier) else {
            throw SignatureFault("The signature algorithm is not an allowed one.")
        }
        guard named == nil || named == digest else {
            throw SignatureFault("The signature algorithm and the digest algorithm disagree.")
        }
        self = scheme
    }

    private static func plain(_ identifier: [UInt8]) -> (SignatureScheme, DigestKind?)? {
        switch identifier {
        case rsaEncryption: (.rsaPKCS1, nil)
        case rsa + [0x05]: (.rsaPKCS1, .sha1)
        case rsa + [0x0B]: (.rsaPKCS1, .sha256)
        case rsa + [0x0C]: (.rsaPKCS1, .sha384)
        case rsa + [0x0D]: (.rsaPKCS1, .sha512)
        // Some tools name the key here instead of the signature; the digest is named beside it.
        case ec + [0x02, 0x01]: (.ecdsa, nil)
        case ec + [0x04, 0x01]: (.ecdsa, .sha1)
        case ecdsaWithSHA256: (.ecdsa, .sha256)
        case ec + [0x04, 0x03, 0x03]: (.ecdsa, .sha384)
        case ec + [0x04, 0x03, 0x04]: (.ecdsa, .sha512)
        default: nil
        }
    }

    /// RSASSA-PSS-params (RFC 4055 section 3.1). What is left out stands for SHA-1 and a salt of 20.
    private static func pss(_ parameters: BERElement?, digest: DigestKind) throws(SignatureFault)
        -> SignatureScheme
    {
        guard let fields = parameters?.children, parameters?.tag == BERElement.sequence else {
            throw SignatureFault("The parameters of RSASSA-PSS are missing or malformed.")
        }
        var (hash, mask, saltLength): (DigestKind?, DigestKind?, Int?) = (.sha1, .sha1, 20)
        var last: UInt8 = 0
        for field in fields {
            guard field.tag > last, let value = field.children, value.count == 1 else {
                throw SignatureFault("The parameters of RSASSA-PSS are malformed.")
            }
            last = field.tag
            switch field.tag {
            case 0xA0: hash = DigestKind(algorithm: value[0])
            case 0xA1: mask = maskDigest(value[0])
            case 0xA2: saltLength = value[0].smallInteger
            case 0xA3 where value[0].smallInteger == 1: break
            default: throw SignatureFault("The parameters of RSASSA-PSS are malformed.")
            }
        }
        guard let hash, let mask, let saltLength else {
            throw SignatureFault("The parameters of RSASSA-PSS name an algorithm that is not allowed.")
        }
        guard hash == digest else {
            throw SignatureFault("The signature algorithm and the digest algorithm disagree.")
        }
        return .rsaPSS(mask: mask, saltLength: saltLength)
    }

    private static func maskDigest(_ element: BERElement) -> DigestKind? {
        guard element.tag == BERElement.sequence, let parts = element.children, parts.count == 2,
            parts[0].tag == BERElement.identifier, parts[0].contents.elementsEqual(rsa + [0x08])
        else {
            return nil
        }
        return DigestKind(algorithm: parts[1])
    }

    /// The digests this scheme relies on besides the signer's.
    var digests: [DigestKind] {
        if case .rsaPSS(let mask, _) = self { [mask] } else { [] }
    }

    var name: String {
        switch self {
        case .rsaPKCS1: "PKCS1"
        case .rsaPSS: "PSS"
        case .ecdsa: "ECDSA"
        }
    }

    /// True only when `value` is the signature over `hash` by the key of `certificate`, and the key is of the
    /// scheme's kind.
    func verify(_ value: [UInt8], over hash: [UInt8], digest: DigestKind, by certificate: DecodedCertificate)
        -> Bool
    {
        OpenSSLErrors.clear()
        defer { OpenSSLErrors.clear() }
        // With a modulus of nothing OpenSSL asks for no memory and says that there was none.
        guard let key = certificate.key, EVP_PKEY_get_base_id(key) == keyKind, EVP_PKEY_get_size(key) > 0,
            let context = EVP_PKEY_CTX_new_from_pkey(nil, key, nil)
        else { return false }
        defer { EVP_PKEY_CTX_free(context) }
        guard EVP_PKEY_verify_init(context) == 1, setParameters(context, digest: digest) else { return false }
        return EVP_PKEY_verify(context, value, value.count, hash, hash.count) == 1
    }

    private var keyKind: Int32 { self == .ecdsa ? EVP_PKEY_EC : EVP_PKEY_RSA }

    private func setParameters(_ context: OpaquePointer, digest: DigestKind) -> Bool {
        switch self {
        case .ecdsa: break
        case .rsaPKCS1:
            guard EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 else { return false }
        case .rsaPSS(let mask, let saltLength):
            guard EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1,
                EVP_PKEY_CTX_set_rsa_pss_saltlen(context, Int32(saltLength)) == 1,
                EVP_PKEY_CTX_set_rsa_mgf1_md(context, mask.algorithm) == 1
            else { return false }
        }
        return EVP_PKEY_CTX_set_signature_md(context, digest.algorithm) == 1
    }
}

extension DigestKind {
    /// Reads an AlgorithmIdentifier of a digest; nil when it is malformed or no digest we know.
    init?(algorithm element: BERElement) {
        guard element.tag == BERElement.sequence, let parts = element.children, (1...2).contains(parts.count),
            parts[0].tag == BERElement.identifier,
            parts.count == 1 || (parts[1].tag == BERElement.null && parts[1].contents.isEmpty)
        else { return nil }
        self.init(identifier: parts[0].contents)
    }
}

extension BERElement {
    /// The value of an INTEGER between 0 and 32767 in its shortest form; nil otherwise.
    var smallInteger: Int? {
        guard tag == BERElement.integer, isReadable, contents.count <= 2, let first = contents.first,
            first < 0x80
        else { return nil }
        return contents.reduce(0) { $0 << 8 | Int($1) }
    }
}

/// What is wrong with a signature file, in one English sentence for the sender.
struct SignatureFault: Error {
    let sentence: String

    init(_ sentence: String) {
        self.sentence = sentence
    }
}
