public import Exchange

public import struct Foundation.Date

/// Judges files of strangers: their signatures and their documents. Any thread may call; it blocks until there is a
/// verdict.
public protocol Examiner: Sendable {
    /// As `SignatureVerifier.verify` says.
    ///
    /// - Parameter registered: the certificates registered for that sender on that channel.
    func verify(
        _ payload: SentFile, with signature: SentFile, registered: [CertificateFacts], at time: Date,
        on ground: ExaminationGround
    ) throws(StageFailure) -> VerifiedSignature

    /// As `DocumentCheck.check` says.
    func check(_ document: SentFile, as rule: PurposeRule, on ground: ExaminationGround) throws(StageFailure)
        -> CheckedDocument
}

/// What files are judged on.
public struct ExaminationGround: Sendable {
    public let schemas: SchemaCatalogue
    public let documentLimits: DocumentLimits
    public let signaturePolicy: SignaturePolicy
    public let trust: TrustStore

    public init(
        schemas: SchemaCatalogue, documentLimits: DocumentLimits, signaturePolicy: SignaturePolicy,
        trust: TrustStore
    ) {
        self.schemas = schemas
        self.documentLimits = documentLimits
        self.signaturePolicy = signaturePolicy
        self.trust = trust
    }
}

/// Judges in the process that asks.
public struct LocalExaminer: Examiner {
    public init() {}

    public func verify(
        _ payload: SentFile, with signature: SentFile, registered: [CertificateFacts], at time: Date,
        on ground: ExaminationGround
    ) throws(StageFailure) -> VerifiedSignature {
        try SignatureVerifier(policy: ground.signaturePolicy, trust: ground.trust)
            .verify(payload, with: signature, registered: registered.map(\.der), at: time)
    }

    public func check(_ document: SentFile, as rule: PurposeRule, on ground: ExaminationGround)
        throws(StageFailure) -> CheckedDocument
    {
        try DocumentCheck(catalogue: ground.schemas, limits: ground.documentLimits)
            .check(document, rule: rule)
    }
}
