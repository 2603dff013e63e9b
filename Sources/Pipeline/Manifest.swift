internal import Exchange
internal import Foundation
internal import Validation

/// `manifest.json` beside the FI files of a delivered set; described by `docs/manifest.schema.json`.
public struct Manifest: Sendable, Codable {
    /// Raised when a reader of the old form could misunderstand the new one.
    public static let version = 1

    let version: Int
    let ticket: Ticket
    let name: FileName
    let sender: SenderNumber
    let enterprise: EnterpriseNumber?
    let application: String?
    let purpose: Purpose?
    let environment: ExchangeEnvironment?
    let channel: ChannelKind
    /// The channel code of zone 00737.
    let channelCode: Int
    let receivedAt: String
    let decidedAt: String
    let files: [File]

    struct File: Sendable, Codable {
        let name: FileName
        let size: Int64
        let sha256: Digest
        let root: String
        let schema: String?
        let encoding: String
        /// How many forms of each identification.
        let forms: [String: Int]
        let signature: Signature?
    }

    struct Signature: Sendable, Codable {
        let certificate: Digest
        let subject: String
        let issuer: String
        let serialHexadecimal: String
        let algorithm: String
        let form: String
    }

    init(_ record: DecisionRecord, of set: SealedSet) {
        version = Manifest.version
        ticket = set.ticket
        name = set.name
        sender = set.sender
        enterprise = record.enterprise
        application = record.application
        purpose = record.purpose
        environment = record.environment
        channel = set.channel
        channelCode = set.channel.code
        receivedAt = set.receivedAt.timestamp
        decidedAt = record.decidedAt.timestamp
        files = set.parts.compactMap { part in
            guard let document = record.documents.first(where: { $0.digest == part.digest }) else {
                return nil
            }
            let signature = Manifest.signature(of: part, in: set, record)
            return File(
                name: part.name, size: part.size, sha256: part.digest, root: document.root,
                schema: document.schema,
                encoding: document.encoding, forms: document.forms,
                signature: signature.map {
                    Signature(
                        certificate: $0.certificate, subject: $0.subject, issuer: $0.issuer,
                        serialHexadecimal: $0.serialHexadecimal, algorithm: $0.algorithm,
                        form: $0.form.rawValue)
                })
        }
    }

    /// That of the FS with the part's own name: two parts may hold the same bytes under different signatures.
    private static func signature(
        of part: SealedSet.Part, in set: SealedSet, _ record: DecisionRecord
    ) -> VerifiedSignature? {
        let name = FileName(Array("FS".utf8) + part.name.bytes.dropFirst(2))
        let digest = set.parts.first { $0.name == name }?.digest
        return record.signatures.first { $0.payloadDigest == part.digest && $0.signatureDigest == digest }
    }
}
