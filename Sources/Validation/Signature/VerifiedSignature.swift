public import Exchange

public import struct Foundation.Date

/// Evidence that a registered certificate signed these bytes. Only `SignatureVerifier` makes one, and whoever hears of it
/// from another process and then asks `isPossible`.
public struct VerifiedSignature: Sendable, Hashable, Codable {
    /// In which form the payload agrees with the signature.
    public enum Form: String, Sendable, Hashable, Codable {
        /// The bytes as they are.
        case raw
        /// The bytes with every lone LF made CRLF, as mail-like signing tools do (domain 3).
        case crlf
    }

    /// SHA-256 of the raw bytes judged, whatever the form.
    public let payloadDigest: Digest
    /// SHA-256 of the signature file.
    public let signatureDigest: Digest
    /// SHA-256 of the signer's certificate.
    public let certificate: Digest
    /// RFC 2253 form.
    public let subject: String
    /// RFC 2253 form.
    public let issuer: String
    /// Capitals, no separators.
    public let serialHexadecimal: String
    /// Such as `RSA-2048 PKCS1 SHA256`, `RSA-2048 PSS SHA256`, `EC-256 ECDSA SHA384`.
    public let algorithm: String
    public let form: Form
    public let chain: ChainEvidence
    /// The time the certificate was judged at.
    public let verifiedAt: Date
    /// What the signer says about when; proves nothing. Nil when it says nothing.
    public let signingTime: Date?

    init(
        payloadDigest: Digest, signatureDigest: Digest, signer: CertificateFacts, algorithm: String,
        form: Form, chain: ChainEvidence, verifiedAt: Date, signingTime: Date?
    ) {
        self.init(
            uncheckedPayloadDigest: payloadDigest, signatureDigest: signatureDigest,
            certificate: signer.fingerprint,
            subject: signer.subject, issuer: signer.issuer, serialHexadecimal: signer.serialHexadecimal,
            algorithm: algorithm, form: form, chain: chain, verifiedAt: verifiedAt, signingTime: signingTime)
    }

    /// As another process said it is.
    package init(
        uncheckedPayloadDigest payloadDigest: Digest, signatureDigest: Digest, certificate: Digest,
        subject: String, issuer: String,
        serialHexadecimal: String, algorithm: String, form: Form, chain: ChainEvidence, verifiedAt: Date,
        signingTime: Date?
    ) {
        self.payloadDigest = payloadDigest
        self.signatureDigest = signatureDigest
        self.certificate = certificate
        self.subject = subject
        self.issuer = issuer
        self.serialHexadecimal = serialHexadecimal
        self.algorithm = algorithm
        self.form = form
        self.chain = chain
        self.verifiedAt = verifiedAt
        self.signingTime = signingTime
    }
}
