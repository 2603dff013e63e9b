import Exchange
import Foundation
import Testing
import Validation

/// A signed document on disk, and what it is judged on. The directory goes with its owner.
final class Bench: Sendable {
    let ground: ExaminationGround
    let registered: [CertificateFacts]
    let time = Date()
    private let directory: String
    private let payload: FileName
    private let signature: FileName

    /// - Parameters:
    ///   - signatureSize: bytes of an FS that is none, in the place of one.
    ///   - payloadSize: to which the FI is drawn out with zeros after it was signed; they take no room.
    init(
        signatureSize: Int? = nil, payloadSize: UInt64? = nil, content: String = "<a xmlns=\"urn:a\"/>"
    ) throws {
        directory = NSTemporaryDirectory() + "ecluse-workers-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        payload = try #require(FileName("FI.DIMN.006400.20230420.00001.R.1.1"))
        signature = try #require(FileName("FS.DIMN.006400.20230420.00001.R.1.1"))
        let authority = try Bench.certificate("Authority", isAuthority: true)
        let signer = try Bench.certificate("Signer", issuer: authority)
        registered = [signer.certificate]
        ground = ExaminationGround(
            schemas: try .make(of: ["a_1.xsd": Array(Bench.schema.utf8)]), documentLimits: DocumentLimits(),
            signaturePolicy: SignaturePolicy(),
            trust: try TrustStore(authorities: [authority.certificate], revocationLists: []))
        let document = Array(content.utf8)
        let sign = try DocumentSigner(
            privateKeyPEM: signer.key.pem(), certificate: CertificateMint.pem(signer.certificate),
            passphrase: nil)
        let value = try signatureSize.map { [UInt8](repeating: 0x41, count: $0) } ?? sign.sign(document)
        for (name, bytes) in [(payload, document), (signature, value)] {
            try Data(bytes).write(to: URL(fileURLWithPath: "\(directory)/\(name)"))
        }
        guard let payloadSize else { return }
        let file = try #require(FileHandle(forWritingAtPath: "\(directory)/\(payload)"))
        try file.truncate(atOffset: payloadSize)
        try file.close()
    }

    /// Puts another FS in the place of the one there is.
    func replaceSignature(_ change: ([UInt8]) throws -> [UInt8]) throws {
        let place = URL(fileURLWithPath: "\(directory)/\(signature)")
        try Data(change(Array(Data(contentsOf: place)))).write(to: place)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    func verify(_ examiner: any Examiner) throws(StageFailure) -> VerifiedSignature {
        try examiner.verify(
            SentFile(payload, at: "\(directory)/\(payload)"),
            with: SentFile(signature, at: "\(directory)/\(signature)"), registered: registered, at: time,
            on: ground)
    }

    func check(_ examiner: any Examiner, roots: [String] = []) throws(StageFailure) -> CheckedDocument {
        guard let purpose = Purpose("DIMN") else { preconditionFailure("four capitals") }
        let rule = PurposeRule(purpose: purpose, roots: roots, forms: [], formLimit: nil)
        return try examiner.check(
            SentFile(payload, at: "\(directory)/\(payload)"), as: rule, on: ground)
    }

    private static let schema = """
        <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:a"><xs:element name="a"/></xs:schema>
        """

    static func certificate(
        _ name: String, issuer: CertificateMint.Issuer? = nil, isAuthority: Bool = false
    ) throws -> CertificateMint.Issuer {
        let key = try CertificateMint.key(.p256)
        let request = CertificateMint.Request(
            commonName: name, notBefore: Date() - 3600, notAfter: Date() + 86_400, isAuthority: isAuthority)
        return CertificateMint.Issuer(
            certificate: try CertificateMint.certificate(request, key: key, issuer: issuer), key: key)
    }
}

/// How a judgement was put off; nil when it was not.
func deferral(_ judge: () throws(StageFailure) -> Void) -> Deferral? {
    do throws(StageFailure) {
        try judge()
    } catch {
        guard case .deferred(let deferral) = error else { return nil }
        return deferral
    }
    return nil
}

/// Why it was.
func reason(_ judge: () throws(StageFailure) -> Void) -> Deferral.Reason? { deferral(judge)?.reason }

/// Asks again and again, for two minutes at the least.
func eventually(_ condition: () throws -> Bool) async throws -> Bool {
    for _ in 0..<24_000 {
        if try condition() { return true }
        try await Task.sleep(for: .milliseconds(5))
    }
    return false
}
