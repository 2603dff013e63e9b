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
            && chain.isPossible && trust.accepts(authority) && algorithm.isOneLine(atMost: 200)
            && signingTime.map(ChainEvidence.dates.contains) ?? true
    }
}

extension ChainEvidence {
    /// What a certificate or a list can say (RFC 5280 section 4.1.2.5): other dates could not be read again.
    static let dates =
        Date(timeIntervalSince1970: -631_152_000)...Date(timeIntervalSince1970: 253_402_300_799)
    /// Longer paths are never searched.
    private static let longest = 32

    fileprivate var isPossible: Bool {
        (2...ChainEvidence.longest).contains(chain.count) && revocation.count <= chain.count
            && revocation.allSatisfy { evidence in
                evidence.issuer.isOneLine(atMost: 4096) && evidence.number?.isOneLine(atMost: 200) ?? true
                    && [evidence.thisUpdate, evidence.nextUpdate].allSatisfy {
                        $0.map(ChainEvidence.dates.contains) ?? true
                    }
            }
    }
}

extension String {
    /// Of bounded length in UTF-8, and without control characters.
    package func isOneLine(atMost limit: Int) -> Bool {
        utf8.count <= limit && !unicodeScalars.contains { $0.properties.generalCategory == .control }
    }
}

extension CheckedDocument {
    /// Whether it could be the answer to a document judged by this rule.
    public func isPossible(rule: PurposeRule, schemas: SchemaCatalogue) -> Bool {
        (rule.roots.isEmpty || rule.roots.contains(root)) && root.isOneLine(atMost: 4096)
            && size >= 0 && forms.count <= CheckedDocument.mostForms
            && forms.keys.allSatisfy { $0.isOneLine(atMost: CheckedDocument.longestForm) }
            && schema.map(schemas.contains) ?? rule.roots.isEmpty
            && DocumentEncoding(rawValue: encoding) != nil && forms.values.allSatisfy { $0 > 0 }
    }

    // `FormCount` counts a hundred kinds, and looks at 64 bytes of each.
    private static let mostForms = 128
    private static let longestForm = 256
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
