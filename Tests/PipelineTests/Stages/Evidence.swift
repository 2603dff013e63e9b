import Exchange
import Foundation
import Testing

@testable import Pipeline
@testable import Validation

/// Evidence as the stages make it, for tests of what is done with it.
enum Evidence {
    static func document(_ digest: Digest, size: Int64 = 100) -> CheckedDocument {
        CheckedDocument(
            digest: digest, size: size, root: "DmfAOriginal", schema: "DmfAOriginal_20231.xsd",
            encoding: "UTF-8",
            forms: ["DMFA": 1])
    }

    static func signature(_ payload: Digest, _ file: Digest, by signer: TestSigner) throws
        -> VerifiedSignature
    {
        VerifiedSignature(
            payloadDigest: payload, signatureDigest: file, signer: signer.certificate,
            algorithm: "EC-256 ECDSA SHA256",
            form: .raw, chain: ChainEvidence(chain: [signer.certificate.fingerprint], revocation: []),
            verifiedAt: Fixtures.noon, signingTime: nil)
    }

    /// An accepted set of two parts with evidence for both, and the record of it.
    static func accepted(
        digests: [String: UInt8] = [:]
    ) throws -> (set: SealedSet, record: DecisionRecord, signers: [TestSigner]) {
        let set = try Fixtures.whole("DMFA.006400.20230420.00001.R.2", digests: digests)
        let authorities = try Authorities()
        let signers = [try authorities.signer(.acme), try authorities.signer(.renewal)]
        var record = try Fixtures.record(.accepted)
        let (declarations, signatures) = (set.parts.prefix(2), set.parts.suffix(2))
        record.documents = declarations.map { document($0.digest, size: $0.size) }
        record.signatures = try zip(zip(declarations, signatures), signers).map {
            try signature($0.0.digest, $0.1.digest, by: $1)
        }
        record.application = "dmfa"
        record.purpose = Purpose("DMFA")
        record.environment = .real
        record.enterprise = EnterpriseNumber("0401234560")
        return (set, record, signers)
    }
}
