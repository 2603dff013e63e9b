internal import Exchange

@testable internal import Validation

/// How our verdict on a signature and that of OpenSSL go together.
enum Agreement: Hashable {
    case bothAccept
    case bothRefuse
    /// OpenSSL alone accepts.
    case stricter(Strictness)
    /// Ours is put off: no verdict. OpenSSL refuses what cannot be known.
    case deferred

    /// Nil when they disagree as they must not.
    init?(_ ours: Result<VerifiedSignature, StageFailure>, _ reference: ReferenceVerifier.Verdict) {
        switch (ours, reference) {
        case (.success, .accepted): self = .bothAccept
        case (.failure(.refused), .refused): self = .bothRefuse
        case (.failure(.deferred), .refused): self = .deferred
        case (.failure(.refused(let findings)), .accepted):
            guard let strictness = findings.first.flatMap({ Strictness($0.detail) }) else { return nil }
            self = .stricter(strictness)
        default: return nil
        }
    }
}

extension ReferenceVerifier {
    /// - Returns: nil where `trust` asks responders, which this one does not.
    init?(_ trust: TrustStore, _ policy: SignaturePolicy) {
        guard trust.sources.values.allSatisfy({ $0.kind != .responder }) else { return nil }
        self.init(
            authorities: trust.authorities.map(\.der), lists: trust.lists.map(\.list.der),
            allowsSHA1: policy.allowsSHA1, limit: policy.signatureFileLimit)
    }
}
