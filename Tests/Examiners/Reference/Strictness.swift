/// Where we refuse on purpose what `CMS_verify` takes: docs/decisions/0015 has the reasons, `StrictnessTests` a case of
/// each. We never take what it refuses.
enum Strictness: String, CaseIterable {
    case version
    case digests
    case algorithms
    case identifier
    case embedded
    case attributes
    case pieces
    case lengths

    /// Told by the sentence of the refusal.
    init?(_ sentence: String) {
        guard let found = Strictness.allCases.first(where: { $0.words.contains(where: sentence.contains) })
        else {
            return nil
        }
        self = found
    }

    private var words: [String] {
        switch self {
        case .version: ["of another version"]
        case .digests: ["lists a digest algorithm", "list of digest algorithms is malformed"]
        case .algorithms:
            ["digest algorithm of the signer", "signature algorithm", "parameters of RSASSA-PSS"]
        case .identifier: ["signer identifier"]
        case .embedded: ["embedded beside the signature", "certificates; at most"]
        // Signed and unsigned ones.
        case .attributes: ["signed attribute", "bound by a digest", "bound to more than one"]
        case .pieces: ["in one piece"]
        case .lengths: ["no CMS message that can be read"]
        }
    }
}
