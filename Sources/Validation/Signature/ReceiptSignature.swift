public import Exchange

public import struct Foundation.Date

/// What the signature of an answer shows to the one who received it.
public struct ReceiptSignature: Sendable, Hashable {
    /// How far the signer is known.
    public enum Standing: String, Sendable, Hashable {
        /// It is the certificate the receiver of the answer was given beforehand.
        case pinned
        /// Its certificate leads to an authority the receiver of the answer accepts.
        case underAuthority
        /// Nobody knows: the bytes are those that were signed, by whoever it was.
        case integrityOnly
    }

    public let standing: Standing
    public let signer: CertificateFacts

    /// What there is to judge signers by.
    public enum Trust: Sendable {
        /// One of these, byte for byte; neither dates nor a path are judged.
        case pinned([CertificateFacts])
        case authorities(TrustStore)
        case none
    }

    /// Judges a detached signature, text or DER, over bytes in memory.
    ///
    /// - Throws: one English sentence in `ReceiptSignatureFault`.
    public static func verify(
        _ signature: [UInt8], over content: [UInt8], trust: Trust, at time: Date
    ) throws(ReceiptSignatureFault) -> ReceiptSignature {
        try judge(signature, trust, time) { $0.digest(content) }
    }

    /// Judges a detached signature over a file of any size, in flat memory.
    public static func verify(
        _ signature: [UInt8], overFileAt path: String, trust: Trust, at time: Date
    ) throws(ReceiptSignatureFault) -> ReceiptSignature {
        try judge(signature, trust, time) {
            try PayloadDigests(ReadableFile(path: path, followingLinks: true), kind: $0, form: .raw).form
        }
    }

    private static func judge(
        _ signature: [UInt8], _ trust: Trust, _ time: Date, _ digest: (DigestKind) throws -> [UInt8]
    ) throws(ReceiptSignatureFault) -> ReceiptSignature {
        do {
            let message = try SignedMessage(file: signature, policy: SignaturePolicy())
            let payload = try digest(message.digest)
            let signer = try signer(of: message, payload: payload, among: known(trust, message))
            let facts = try signer.facts()
            switch trust {
            case .pinned: return ReceiptSignature(standing: .pinned, signer: facts)
            case .authorities(let store):
                _ = try store.judge(signer, intermediates: message.certificates, at: time)
                return ReceiptSignature(standing: .underAuthority, signer: facts)
            case .none: return ReceiptSignature(standing: .integrityOnly, signer: facts)
            }
        } catch let fault as SignatureFault {
            throw ReceiptSignatureFault(sentence: fault.sentence)
        } catch let fault as ChainFault {
            throw ReceiptSignatureFault(sentence: fault.sentence)
        } catch let fault as CertificateFault {
            throw ReceiptSignatureFault(sentence: fault.sentence)
        } catch let fault as Deferral {
            throw ReceiptSignatureFault(sentence: fault.sentence)
        } catch {
            throw ReceiptSignatureFault(sentence: "The signature cannot be judged: \(error).")
        }
    }

    /// Those that may have signed: the pinned ones, otherwise what the message brings along.
    private static func known(_ trust: Trust, _ message: SignedMessage) -> [[UInt8]] {
        if case .pinned(let certificates) = trust { return certificates.map(\.der) }
        return message.certificates
    }

    private static func signer(
        of message: SignedMessage, payload: [UInt8], among certificates: [[UInt8]]
    ) throws -> DecodedCertificate {
        let told = certificates.compactMap { try? DecodedCertificate(der: $0) }.filter { message.tells($0) }
        guard !told.isEmpty else {
            throw SignatureFault(
                "The signature is by another certificate than the one that was given for receipts.")
        }
        guard let signer = told.first(where: { message.isRight(payload: payload, by: $0) }) else {
            throw SignatureFault("The signature does not belong to these bytes.")
        }
        return signer
    }
}

/// Why a signature of an answer is worth nothing, in one English sentence.
public struct ReceiptSignatureFault: Error, Sendable, Hashable {
    public let sentence: String
}
