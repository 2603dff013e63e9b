internal import COpenSSL
public import Exchange

public import struct Foundation.Date

/// Makes detached signatures: CMS SignedData over the raw bytes, SHA-256, the certificate embedded, as base64
/// without armour in 64 columns (domain 9.23). Used for receipts and by senders.
///
/// The one owner of its private key, which never leaves it. `@unchecked Sendable`: nothing changes after
/// `init`, and OpenSSL allows one key to sign on several threads.
public final class DocumentSigner: @unchecked Sendable {
    public let certificate: CertificateFacts
    private let key: SigningKey
    /// The parts of a message that are the same for every content.
    private let decoded: DecodedCertificate
    /// The certificates embedded, the signer's own and those that lead to its authority, in DER.
    private let embedded: [[UInt8]]

    /// - Parameters:
    ///   - privateKeyPEM: PKCS#8, PKCS#1 or SEC 1, open or encrypted.
    ///   - certificate: PEM or DER; its key is the private key's.
    ///   - passphrase: for an encrypted key; never asked for on a terminal.
    /// - Throws: what `CertificateFacts.read` throws; `.internalFault` when the key cannot be read or is not
    ///   the certificate's.
    public convenience init(
        privateKeyPEM: [UInt8], certificate: [UInt8], passphrase: String?
    ) throws(CertificateFault) {
        ERR_clear_error()
        defer { ERR_clear_error() }
        let facts = try CertificateFacts.read(certificate)
        let key = SigningKey(owning: try PrivateKeyReading.read(privateKeyPEM, passphrase: passphrase))
        try self.init(key: key, certificate: facts)
    }

    /// Signs with a key that was read elsewhere or stays on its token.
    ///
    /// - Parameter chain: DER of certificates between the signer's and its authority; they are embedded too.
    /// - Throws: `.notACertificate`; `.internalFault` when the key is not the certificate's.
    public init(key: SigningKey, certificate: CertificateFacts, chain: [[UInt8]] = [])
        throws(CertificateFault)
    {
        ERR_clear_error()
        defer { ERR_clear_error() }
        let decoded = try DecodedCertificate(der: certificate.der)
        guard key.isKey(of: decoded) else { throw KeyFault.notOfCertificate.certificateFault }
        self.certificate = certificate
        self.decoded = decoded
        self.key = key
        embedded = [decoded.der] + chain.filter { $0 != decoded.der }
    }

    /// Signs bytes in memory.
    ///
    /// - Parameter time: goes into the signature as the signing time; without it the signature says nothing
    ///   of when.
    public func sign(_ content: [UInt8], at time: Date? = nil) throws(CertificateFault) -> [UInt8] {
        try sign(digest: DigestKind.sha256.digest(content), at: time)
    }

    /// Signs a file of any size in flat memory. A file that cannot be read to its end is not signed.
    public func signFile(at path: String, time: Date? = nil) throws(CertificateFault) -> [UInt8] {
        do {
            let file = try ReadableFile(path: path, followingLinks: true)
            let digests = try PayloadDigests(file, kind: .sha256, form: .raw)
            return try sign(digest: digests.form, at: time)
        } catch let deferral as Deferral {
            throw .internalFault(deferral.sentence)
        } catch let fault as CertificateFault {
            throw fault
        } catch {
            throw .internalFault("Signing failed: \(error).")
        }
    }

    private func sign(digest: [UInt8], at time: Date?) throws(CertificateFault) -> [UInt8] {
        let attributes = DocumentSigner.attributes(
            digest: digest, certificate: decoded.digest, time: try time.map(DocumentSigner.encode))
        let value = try key.signature(over: DigestKind.sha256.digest(DER.set(attributes)), by: .sha256)
        let algorithm = DER.sequence(DER.identifier(DigestKind.sha256.identifier))
        let scheme =
            key.isRSA
            ? DER.sequence(DER.identifier(SignatureScheme.rsaEncryption), DER.null)
            : DER.sequence(DER.identifier(SignatureScheme.ecdsaWithSHA256))
        let version = DER.element(BERElement.integer, [1])
        let signer = DER.sequence(
            version, DER.sequence(decoded.issuerName, DER.element(BERElement.integer, decoded.serial)),
            algorithm,
            DER.set(attributes, tag: 0xA0), scheme, DER.element(BERElement.octets, value))
        let signed = DER.sequence(
            version, DER.set([algorithm]), DER.sequence(DER.identifier(CMSIdentifier.data)),
            DER.set(embedded, tag: 0xA0), DER.set([signer]))
        let message = DER.sequence(DER.identifier(CMSIdentifier.signedData), DER.element(0xA0, signed))
        return SignatureText.encode(message)
    }

    private static func attributes(digest: [UInt8], certificate: Digest, time: [UInt8]?) -> [[UInt8]] {
        func attribute(_ identifier: [UInt8], _ value: [UInt8]) -> [UInt8] {
            DER.sequence(DER.identifier(identifier), DER.set([value]))
        }
        // RFC 5035 section 4: SHA-256 is the default and so, in DER, is not named.
        let bound = DER.sequence(
            DER.sequence(DER.sequence(DER.element(BERElement.octets, certificate.bytes))))
        var attributes = [
            attribute(CMSIdentifier.contentType, DER.identifier(CMSIdentifier.data)),
            attribute(CMSIdentifier.messageDigest, DER.element(BERElement.octets, digest)),
            attribute(CMSIdentifier.signingCertificate, bound),
        ]
        if let time { attributes.append(attribute(CMSIdentifier.signingTime, time)) }
        return attributes
    }

    /// UTCTime up to 2049, GeneralizedTime after (RFC 5652 section 11.3).
    private static func encode(_ time: Date) throws(CertificateFault) -> [UInt8] {
        guard let seconds = OpenSSLValue.seconds(time), let value = ASN1_TIME_set(nil, seconds) else {
            throw .internalFault("The signing time is out of range.")
        }
        defer { ASN1_TIME_free(value) }
        guard let der = OpenSSLValue.der({ i2d_ASN1_TIME(value, $0) }) else {
            throw OpenSSLErrors.fault("writing the signing time")
        }
        return der
    }
}

/// Reads private keys.
enum PrivateKeyReading {
    /// - Parameter passphrase: for an encrypted key; without one such a key cannot be read.
    static func read(_ pem: [UInt8], passphrase: String?) throws(CertificateFault) -> OpenSSLOwner {
        let source = try OpenSSLValue.memory(pem)
        let key: OpaquePointer?
        if let passphrase {
            key = passphrase.withCString {
                PEM_read_bio_PrivateKey(source.handle, nil, nil, UnsafeMutableRawPointer(mutating: $0))
            }
        } else {
            // Without a callback OpenSSL would ask on the terminal.
            key = PEM_read_bio_PrivateKey(source.handle, nil, { _, _, _, _ in -1 }, nil)
        }
        guard let key else {
            throw .internalFault("The private key cannot be read; its passphrase may be wrong.")
        }
        return OpenSSLOwner(owning: key) { EVP_PKEY_free($0) }
    }
}
