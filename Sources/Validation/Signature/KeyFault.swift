/// What is wrong with a private key, its passphrase, or the token that holds it.
public enum KeyFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file or the token is locked and nothing was given to open it.
    case passphraseWanted
    case wrongPassphrase
    /// Neither PKCS#8, PKCS#1, SEC 1 nor PKCS#12, in PEM or DER.
    case notAKey
    /// A key in the form of OpenSSH, which is for logging in.
    case keyForLogIn
    /// Encrypted in a way that OpenSSL no longer reads, or damaged behind its encryption.
    case unreadableContents
    /// A PKCS#12 file without a private key.
    case noKeyInside
    /// The private key is not the one of the certificate.
    case notOfCertificate
    /// The certificate that belongs to the key.
    case certificate(CertificateFault)
    /// A `pkcs11:` address that is none, or not one that may be used; the sentence says why.
    case address(String)
    /// OpenSSL's engine for PKCS#11, or the module of the token, cannot be used.
    case tokenUnavailable(String)
    /// The token has no such key, or does not give it out for signing.
    case notOnToken(String)
    /// The key cannot make a signature of the kind asked for.
    case schemeNotOfKey(String)
    /// Memory, or a call of OpenSSL that cannot fail.
    case internalFault(String)

    /// One English sentence with the particulars; never a secret.
    public var description: String {
        switch self {
        case .passphraseWanted: "The private key is locked; its passphrase or PIN is wanted."
        case .wrongPassphrase: "The passphrase or PIN is wrong."
        case .notAKey: "The file holds no private key in PEM, DER or PKCS#12."
        case .keyForLogIn:
            "The file holds a key for SSH in the form of OpenSSH; the key of the certificate is wanted."
        case .unreadableContents:
            "The file is damaged, or encrypted as OpenSSL 3 no longer reads it; write it anew with "
                + "`openssl pkcs12 -legacy` and then `openssl pkcs12 -export`."
        case .noKeyInside: "The PKCS#12 file holds no private key."
        case .notOfCertificate: "The private key is not the one of the certificate."
        case .certificate(let fault): fault.sentence
        case .address(let sentence), .tokenUnavailable(let sentence), .notOnToken(let sentence),
            .schemeNotOfKey(let sentence), .internalFault(let sentence):
            sentence
        }
    }
}

extension KeyFault {
    /// The same for who deals in certificates.
    var certificateFault: CertificateFault {
        if case .certificate(let fault) = self { fault } else { .internalFault(description) }
    }
}
