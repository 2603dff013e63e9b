public import Exchange
internal import Validation

/// An outcome as `--json` prints it. Members may be added; readers ignore those they do not know.
public struct SetOutcomeRecord: Encodable, Sendable {
    let name: String
    let files: [String]
    /// `accepted`, `refused`, `unknown` or `failed`.
    let verdict: String
    /// The exit status this set alone would give.
    let status: Int32
    let ticket: String?
    let codes: [Code]
    let receipt: Signed?
    /// Why, when there is no receipt.
    let reason: String?

    struct Code: Encodable, Sendable {
        let code: String
        let sentence: String?
        let mend: String?
    }

    struct Signed: Encodable, Sendable {
        let document: String
        /// `pinned`, `underAuthority` or `integrityOnly`.
        let signature: String
        let signer: String
        /// SHA-256 of the signer's certificate, hexadecimal.
        let certificate: String
        let isEarlier: Bool
    }

    public init(_ outcome: SetOutcome, in language: Language) {
        name = outcome.set.trigger.escaped
        files = outcome.set.files.map(\.name.escaped)
        status = outcome.verdict.status
        switch outcome.verdict {
        case .accepted(let received), .refused(let received):
            verdict = received.receipt.isAccepted ? "accepted" : "refused"
            ticket = received.receipt.ticket
            codes = received.receipt.codes.map {
                Code(
                    code: $0.text, sentence: $0.known?.sentence(in: language),
                    mend: $0.known?.mend(in: language))
            }
            receipt = Signed(
                document: received.document, signature: received.signature.standing.rawValue,
                signer: received.signature.signer.subject,
                certificate: received.signature.signer.fingerprint.description, isEarlier: received.isEarlier)
            reason = nil
        case .unknown(let sentence), .failed(let sentence):
            if case .failed = outcome.verdict { verdict = "failed" } else { verdict = "unknown" }
            ticket = nil
            codes = []
            receipt = nil
            reason = sentence
        }
    }
}
