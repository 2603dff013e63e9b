import Exchange
import Foundation
import Testing

@testable import TestExaminers
@testable import Validation

/// One signature judged three ways: by a trust store that keeps verdicts, by one made for it alone, and by OpenSSL.
struct Comparison {
    let ours: Result<VerifiedSignature, StageFailure>
    let fresh: Result<VerifiedSignature, StageFailure>
    let reference: ReferenceVerifier.Verdict

    /// Nil when they disagree as they must not.
    var outcome: Agreement? {
        let isSame =
            switch (ours, fresh) {
            case (.success(let one), .success(let other)): one == other
            case (.failure(.deferred(let one)), .failure(.deferred(let other))): one == other
            case (.failure(.refused(let one)), .failure(.refused(let other))): one == other
            default: false
            }
        return isSame ? Agreement(ours, reference) : nil
    }
}

extension SignatureWorkshop {
    /// Judges the signature file over the payload, and again by the slow path.
    ///
    /// - Parameter isFresh: asks a trust store without kept verdicts as well.
    func compare(
        trust: TrustStore, registered: [CertificateFacts], policy: SignaturePolicy = .init(),
        at time: Date = SignatureWorkshop.now, isFresh: Bool = true
    ) throws -> Comparison {
        let reference = try #require(ReferenceVerifier(trust, policy))
        let (signature, payload) = (try? read("signature"), try? read("payload"))
        let slow =
            if let signature, let payload {
                reference.verdict(
                    on: signature, of: payload, registered: registered.map(\.der), at: time)
            } else {
                ReferenceVerifier.Verdict.refused("no file")
            }
        let ours = try verdict(trust, registered, policy, at: time)
        guard isFresh else { return Comparison(ours: ours, fresh: ours, reference: slow) }
        let fresh = try TrustStore(trust.material, statuses: trust.statuses)
        return Comparison(
            ours: ours, fresh: try verdict(fresh, registered, policy, at: time), reference: slow)
    }
}
