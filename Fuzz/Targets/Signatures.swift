internal import COpenSSL
internal import Exchange
internal import Foundation

@testable internal import Validation

extension FuzzTarget {
    /// A signature file beside a payload that the run's registered certificate signed.
    ///
    /// Proves: a file of a stranger is accepted or refused, never postponed; evidence names the bytes judged and the
    /// registered certificate; what is accepted for one payload is refused for another, and found right by OpenSSL's
    /// own reader, where that can read it: ours never looks at embedded certificates it does not need.
    static let signatures = FuzzTarget(name: "signatures", longest: 8192, prepare: acceptSoundSignature) {
        input in
        guard let evidence = verify(input, payload: "payload", holding: payload) else { return }
        hold(evidence.payloadDigest == Digest(ofSHA256: payload), "evidence of another payload")
        hold(evidence.signatureDigest == Digest(ofSHA256: input), "evidence of another signature")
        hold(evidence.certificate == signer.fingerprint, "evidence of another certificate")
        hold(verify(input, payload: "other", holding: payload + [0x20]) == nil, "a signature over everything")
        hold(!OpenSSLReader.refuses(input, by: signer, over: payload), "OpenSSL refuses what we accept")
    }

    @Sendable private static func acceptSoundSignature() {
        let sound = verify(Material.bytes("signed/der"), payload: "payload", holding: payload)
        hold(sound != nil, "a sound signature is refused")
    }

    private static let payload = Material.bytes("payload")
    private static let signer: CertificateFacts = {
        guard let facts = try? CertificateFacts.read(Material.bytes("signer.pem")) else {
            fatalError("no signer")
        }
        return facts
    }()
    private static let verifier: SignatureVerifier = {
        guard let authorities = try? CertificateFacts.readAuthorities(Material.bytes("authority.pem")),
            let trust = try? TrustStore(authorities: authorities, revocationLists: [])
        else { fatalError("no authority") }
        return SignatureVerifier(policy: SignaturePolicy(), trust: trust)
    }()
    private static let now = Date()

    private static func verify(
        _ signature: [UInt8], payload name: String, holding payload: [UInt8]
    ) -> VerifiedSignature? {
        guard let payloadName = FileName("FI"), let signatureName = FileName("FS") else { return nil }
        do throws(StageFailure) {
            return try verifier.verify(
                SentFile(payloadName, at: Material.file(name, holding: payload)),
                with: SentFile(signatureName, at: Material.file("signature", holding: signature)),
                registered: [signer.der], at: now)
        } catch {
            switch error {
            case .refused(let findings): hold(!findings.isEmpty, "refused for nothing")
            case .deferred(let deferral): hold(false, "postponed: \(deferral.sentence)")
            }
            return nil
        }
    }
}

/// OpenSSL's reader of CMS, as a second opinion.
private enum OpenSSLReader {
    /// Whether it can be read and the signature value is wrong under the certificate; no path is judged.
    static func refuses(_ file: [UInt8], by signer: CertificateFacts, over payload: [UInt8]) -> Bool {
        guard let der = SignatureText.decode(file) else { return false }
        defer { ERR_clear_error() }
        let message = der.withUnsafeBufferPointer { buffer in
            var position = buffer.baseAddress
            return d2i_CMS_ContentInfo(nil, &position, buffer.count)
        }
        let certificate = signer.der.withUnsafeBufferPointer { buffer in
            var position = buffer.baseAddress
            return d2i_X509(nil, &position, buffer.count)
        }
        let content = BIO_new_mem_buf(payload, Int32(payload.count))
        let stack = ecluse_certificates_new()
        defer {
            CMS_ContentInfo_free(message)
            X509_free(certificate)
            BIO_free(content)
            ecluse_certificates_free(stack)
        }
        guard let message, let certificate, ecluse_certificates_add(stack, certificate) == 1 else {
            return false
        }
        let flags = UInt32(CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY)
        return CMS_verify(message, stack, nil, content, nil, flags) != 1
    }
}
