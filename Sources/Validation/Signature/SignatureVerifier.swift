public import Exchange

public import struct Foundation.Date

/// Verifies the detached signature of a payload (domain 3): who signed these bytes, and may that certificate
/// sign.
///
/// Two things are shown, separately and explicitly: the signature value is right under the located
/// certificate, and that certificate is good at the time (`TrustStore.judge`). Any thread may call.
public struct SignatureVerifier: Sendable {
    private let policy: SignaturePolicy
    private let trust: TrustStore

    public init(policy: SignaturePolicy, trust: TrustStore) {
        self.policy = policy
        self.trust = trust
    }

    /// Verifies the signature file over the raw bytes of the payload, and, when only the digest of the
    /// payload differs, over the payload with its line ends made CRLF.
    ///
    /// - Parameter registered: DER of the certificates registered for that sender on that channel; a certificate
    ///   counts as registered when it is one of them byte for byte.
    /// - Throws: `.refused` with 125 (`signatureInvalid`, naming the signature file), or with 153
    ///   (`certificateNotOfSender`) when everything is good but the certificate is not registered;
    ///   `.deferred` with `.diskFault`, `.bytesChanged` or `.revocationUnknown`, or with `.unknown` when memory was
    ///   wanting.
    public func verify(
        _ payload: SentFile, with signature: SentFile, registered: [[UInt8]], at time: Date
    ) throws(StageFailure) -> VerifiedSignature {
        _ = OpenSSLErrors.takeWantOfMemory()
        let verdict = Result { () throws(StageFailure) in
            try judge(payload, with: signature, registered: registered, at: time)
        }
        // Neither good nor bad: without memory a signature seems wrong, a certificate unreadable, a list missing.
        guard !OpenSSLErrors.takeWantOfMemory() else {
            throw .deferred(Deferral(.unknown, "There was no memory to judge the signature."))
        }
        return try verdict.get()
    }

    private func judge(
        _ payload: SentFile, with signature: SentFile, registered: [[UInt8]], at time: Date
    ) throws(StageFailure) -> VerifiedSignature {
        do {
            let file = try signature.file.bytes(limit: policy.signatureFileLimit)
            guard file.count <= policy.signatureFileLimit else {
                throw SignatureFault("The signature file is larger than \(policy.signatureFileLimit) bytes.")
            }
            let message = try SignedMessage(file: file, policy: policy)
            let candidates = try candidates(for: message, registered: registered)
            try message.checkEmbedded(among: trust.certificates)
            let match = try SignatureVerifier.match(message, candidates, payload)
            let signer = try chain(
                of: match.signers, message: message, at: time, signatureName: signature.name)
            return VerifiedSignature(
                payloadDigest: match.digest, signatureDigest: Digest(ofSHA256: file),
                signer: try signer.certificate.facts(), algorithm: message.algorithm(of: signer.certificate),
                form: match.form, chain: signer.chain, verifiedAt: time,
                signingTime: message.attributes?.signingTime)
        } catch let failure as StageFailure {
            throw failure
        } catch let deferral as Deferral {
            throw .deferred(deferral)
        } catch let fault as SignatureFault {
            throw .refused([Finding(.signatureInvalid, file: signature.name, detail: fault.sentence)])
        } catch {
            throw .deferred(Deferral(.unknown, "The signature could not be judged: \(error)."))
        }
    }

    /// Whether `signature`, text or DER, is a signature over `content` by this very certificate. The
    /// certificate is pinned: neither its dates nor a path nor revocation is judged. For receipts.
    public static func isSignature(
        _ signature: [UInt8], over content: [UInt8], by certificate: CertificateFacts
    ) -> Bool {
        guard let message = try? SignedMessage(file: signature, policy: SignaturePolicy()),
            let signer = try? DecodedCertificate(der: certificate.der), message.tells(signer)
        else { return false }
        return message.isRight(payload: message.digest.digest(content), by: signer)
    }

    /// A certificate the signer identifier tells, and whether it is registered.
    private struct Candidate {
        let certificate: DecodedCertificate
        let isRegistered: Bool
    }

    /// The registered ones first. Identifiers are not unique: a key identifier is shared by all certificates
    /// of a key.
    private func candidates(
        for message: SignedMessage, registered: [[UInt8]]
    ) throws -> [Candidate] {
        var candidates: [Candidate] = []
        var seen: Set<Digest> = []
        for der in registered {
            guard let certificate = try? trust.certificates.certificate(der) else {
                throw Deferral(.registryUnavailable, "A registered certificate cannot be read.")
            }
            guard message.tells(certificate), seen.insert(certificate.digest).inserted else { continue }
            candidates.append(Candidate(certificate: certificate, isRegistered: true))
        }
        // Embedded certificates are decoded only when no registered one is told.
        guard candidates.isEmpty else { return candidates }
        for der in message.certificates {
            guard let certificate = try? DecodedCertificate(der: der), message.tells(certificate),
                seen.insert(certificate.digest).inserted
            else { continue }
            candidates.append(Candidate(certificate: certificate, isRegistered: false))
        }
        guard !candidates.isEmpty else {
            throw SignatureFault("The certificate the signature names is neither registered nor embedded.")
        }
        return candidates
    }

    /// The payload agrees with the signature in one form, under at least one candidate.
    private struct Match {
        let digest: Digest
        let form: VerifiedSignature.Form
        let signers: [Candidate]
    }

    private static func match(
        _ message: SignedMessage, _ candidates: [Candidate], _ payload: SentFile
    ) throws -> Match {
        let raw = try PayloadDigests(payload.file, kind: message.digest, form: .raw)
        let signers = candidates.filter { message.isRight(payload: raw.form, by: $0.certificate) }
        if !signers.isEmpty { return Match(digest: raw.raw, form: .raw, signers: signers) }
        // With signed attributes the payload's digest is known to be right, so that it is the signature that
        // is wrong.
        if let attributes = message.attributes, attributes.messageDigest == raw.form {
            throw SignatureFault("The signature value is wrong for the signer's certificate.")
        }
        let converted = try PayloadDigests(payload.file, kind: message.digest, form: .crlf)
        guard converted.raw == raw.raw else {
            throw Deferral(.bytesChanged, "The payload \(payload.name) changed while it was read.")
        }
        let others = candidates.filter { message.isRight(payload: converted.form, by: $0.certificate) }
        guard !others.isEmpty else {
            throw SignatureFault("The signature does not belong to the bytes of \(payload.name).")
        }
        return Match(digest: raw.raw, form: .crlf, signers: others)
    }

    /// The first signer whose certificate is good and registered.
    private func chain(
        of signers: [Candidate], message: SignedMessage, at time: Date, signatureName: FileName
    ) throws -> (certificate: DecodedCertificate, chain: ChainEvidence) {
        var failure: StageFailure?
        for signer in signers {
            do throws(ChainFault) {
                let chain = try trust.judge(signer.certificate, intermediates: message.certificates, at: time)
                if signer.isRegistered { return (signer.certificate, chain) }
                failure =
                    failure
                    ?? .refused([
                        Finding(
                            .certificateNotOfSender, file: signatureName,
                            detail:
                                "The certificate is good but not registered for this sender on this channel: "
                                + "SHA-256 \(signer.certificate.digest).")
                    ])
            } catch {
                failure = failure ?? error.failure(of: signatureName)
            }
        }
        throw failure
            ?? .refused([
                Finding(.signatureInvalid, file: signatureName, detail: "No certificate fits the signature.")
            ])
    }
}

extension SignedMessage {
    /// What is embedded can be read by whoever verifies the message after us.
    fileprivate func checkEmbedded(among known: CertificateCache) throws(SignatureFault) {
        guard certificates.allSatisfy(known.isCertificate), lists.allSatisfy(DecodedRevocationList.isList)
        else {
            throw SignatureFault("What is embedded beside the signature is no certificate or list.")
        }
    }

    /// `certificate` is the one the signer identifier tells and, when the attributes bind one, the bound one.
    func tells(_ certificate: DecodedCertificate) -> Bool {
        signer.tells(certificate) && attributes?.allow(certificate) ?? true
    }

    /// The signature is right under `certificate` for a payload with this digest: the attributes name that
    /// digest and, when they bind a certificate, this one; and the value is a signature over the attributes
    /// or, without attributes, over the payload.
    func isRight(payload: [UInt8], by certificate: DecodedCertificate) -> Bool {
        guard let attributes else {
            return scheme.verify(value, over: payload, digest: digest, by: certificate)
        }
        guard attributes.messageDigest == payload, attributes.allow(certificate) else { return false }
        return scheme.verify(value, over: digest.digest(attributes.encoded), digest: digest, by: certificate)
    }

    func algorithm(of certificate: DecodedCertificate) -> String {
        let (kind, bits) = certificate.keyStrength
        return "\(kind)-\(bits) \(scheme.name) \(digest.rawValue)"
    }
}
