public import Exchange

public import struct Foundation.Date

// What of evidence that another process gives can be seen without doing its work again.

extension VerifiedSignature {
    /// Whether it could be the answer to a signature judged at `time` for these registered certificates.
    public func isPossible(
        registered: [CertificateFacts], at time: Date, under trust: TrustStore
    ) -> Bool {
        guard let signer = registered.first(where: { $0.fingerprint == certificate }),
            let authority = chain.chain.last
        else { return false }
        return subject == signer.subject && issuer == signer.issuer
            && serialHexadecimal == signer.serialHexadecimal && signer.notBefore <= time
            && time <= signer.notAfter && verifiedAt == time && chain.chain.first == certificate
            && chain.chain.count > 1 && trust.accepts(authority)
    }
}

extension CheckedDocument {
    /// Whether it could be the answer to a document judged by this rule.
    public func isPossible(rule: PurposeRule, schemas: SchemaCatalogue) -> Bool {
        (rule.roots.isEmpty || rule.roots.contains(root))
            && schema.map(schemas.contains) ?? rule.roots.isEmpty
            && DocumentEncoding(rawValue: encoding) != nil && forms.values.allSatisfy { $0 > 0 }
    }
}

extension TrustStore {
    /// Whether a judgement here could want what the responder of `authority` said of a certificate with this serial
    /// number, hexadecimal.
    public func mayAsk(of serial: String, by authority: Digest) -> Bool {
        sources[authority]?.kind == .responder && serial.utf8.count <= TrustStore.longestSerial
            && serial.allSatisfy(\.isHexDigit)
    }

    /// Digits; authorities issue 20 bytes at the most (RFC 5280 section 4.1.2.2), some twice that.
    private static let longestSerial = 128
}
