internal import COpenSSL

extension SigningKey {
    /// A signature algorithm of JSON Web Signatures, by its name there (RFC 7518 section 3.1).
    public enum WebScheme: String, Sendable, Hashable, CaseIterable {
        case rs256 = "RS256"
        case ps256 = "PS256"
        case es256 = "ES256"
        case es384 = "ES384"
        case es512 = "ES512"
    }

    /// The scheme every server takes that takes this key: RS256, or the one of the curve; nil for another curve.
    public var webScheme: WebScheme? {
        guard !isRSA else { return .rs256 }
        return switch EVP_PKEY_get_bits(owner.handle) {
        case 256: .es256
        case 384: .es384
        case 521: .es512
        default: nil
        }
    }

    /// Signs bytes as JSON Web Signatures want it: an elliptic curve's two numbers one after the other, in the full
    /// width of the curve (RFC 7518 section 3.4).
    ///
    /// - Throws: `.schemeNotOfKey`, `.internalFault`.
    public func webSignature(over content: [UInt8], _ scheme: WebScheme) throws(KeyFault) -> [UInt8] {
        guard webScheme == scheme || (isRSA && scheme == .ps256) else {
            throw .schemeNotOfKey("The key does not sign with \(scheme.rawValue).")
        }
        do throws(CertificateFault) {
            let digest = scheme.digest
            let value = try signature(over: digest.digest(content), by: digest, isPSS: scheme == .ps256)
            guard let width = scheme.width else { return value }
            guard let numbers = SigningKey.numbers(of: value, width: width) else {
                throw CertificateFault.internalFault("The signature is not of the form of ECDSA.")
            }
            return numbers
        } catch {
            throw .internalFault(error.sentence)
        }
    }

    /// The two INTEGERs of an ECDSA signature, each in `width` octets; nil when they are none or do not fit.
    private static func numbers(of value: [UInt8], width: Int) -> [UInt8]? {
        guard let numbers = BERElement(whole: value)?.children, numbers.count == 2 else { return nil }
        var octets: [UInt8] = []
        for number in numbers {
            let significant = Array(number.contents.drop { $0 == 0 })
            guard number.tag == BERElement.integer, significant.count <= width else { return nil }
            octets += [UInt8](repeating: 0, count: width - significant.count) + significant
        }
        return octets
    }
}

extension SigningKey.WebScheme {
    fileprivate var digest: DigestKind {
        switch self {
        case .rs256, .ps256, .es256: .sha256
        case .es384: .sha384
        case .es512: .sha512
        }
    }

    /// Octets of one number of the curve; nil with RSA.
    fileprivate var width: Int? {
        switch self {
        case .rs256, .ps256: nil
        case .es256: 32
        case .es384: 48
        case .es512: 66
        }
    }
}
