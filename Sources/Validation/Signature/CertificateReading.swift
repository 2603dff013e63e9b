public import Exchange

extension CertificateFacts {
    /// The largest file read here, in bytes.
    private static let fileLimit = 4 * 1_048_576

    /// Reads a `.cer` or `.pem` file with one certificate: DER, or PEM with any text around it. The key must
    /// be RSA of at least 2048 bits or on P-256, P-384 or P-521. Dates, authority and revocation are not
    /// judged here.
    ///
    /// - Throws: `.notACertificate`, `.privateKeyGiven` (also when a certificate stands beside the key),
    ///   `.severalCertificates`, `.weakKey`, `.unsupportedKey`.
    public static func read(_ file: [UInt8]) throws(CertificateFault) -> CertificateFacts {
        let blocks = try certificates(in: file)
        guard blocks.count == 1 else { throw .severalCertificates }
        return try facts(of: blocks[0])
    }

    /// Reads one or more certificates of authorities, PEM or (one) DER.
    ///
    /// - Throws: what `read` throws, and `.notAnAuthority` when one of them is none.
    public static func readAuthorities(_ file: [UInt8]) throws(CertificateFault) -> [CertificateFacts] {
        var authorities: [CertificateFacts] = []
        for block in try certificates(in: file) {
            let authority = try facts(of: block)
            guard authority.isAuthority else { throw .notAnAuthority }
            authorities.append(authority)
        }
        return authorities
    }

    /// `authority` bears the name of the issuer, and its key signed this certificate. What cannot be read is not issued
    /// by anybody.
    public func isIssued(by authority: CertificateFacts) -> Bool {
        guard let issued = try? DecodedCertificate(der: der),
            let issuer = try? DecodedCertificate(der: authority.der)
        else { return false }
        return issued.isIssued(by: issuer)
    }

    private static func certificates(in file: [UInt8]) throws(CertificateFault) -> [[UInt8]] {
        guard file.count <= fileLimit else { throw .notACertificate }
        return try PEMFile(file, labels: ["CERTIFICATE", "X509 CERTIFICATE"]).blocks
    }

    private static func facts(of der: [UInt8]) throws(CertificateFault) -> CertificateFacts {
        let certificate = try DecodedCertificate(der: der)
        try certificate.checkKey()
        return try certificate.facts()
    }
}
