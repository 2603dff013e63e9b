public import Exchange
public import Validation

/// What decisions stand on besides the set and the registry: all of it immutable, replaced as a whole on reload.
public struct DecisionGround: Sendable {
    public let policy: DecisionPolicy
    public let catalogue: ApplicationCatalogue
    public let schemas: SchemaCatalogue
    public let documentLimits: DocumentLimits
    public let signaturePolicy: SignaturePolicy

    public init(
        policy: DecisionPolicy, catalogue: ApplicationCatalogue, schemas: SchemaCatalogue,
        documentLimits: DocumentLimits, signaturePolicy: SignaturePolicy
    ) {
        self.policy = policy
        self.catalogue = catalogue
        self.schemas = schemas
        self.documentLimits = documentLimits
        self.signaturePolicy = signaturePolicy
    }

    func examination(under trust: TrustStore) -> ExaminationGround {
        ExaminationGround(
            schemas: schemas, documentLimits: documentLimits, signaturePolicy: signaturePolicy, trust: trust)
    }
}
