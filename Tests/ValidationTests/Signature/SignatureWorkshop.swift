import Exchange
import Foundation
import TestExaminers
import Testing

@testable import Validation

/// A temporary directory with minted certificates and the `openssl` command, for one test.
final class SignatureWorkshop {
    /// 2025-06-15 15:06:40 UTC; everything minted here is valid around it.
    static let now = Date(timeIntervalSince1970: 1_750_000_000)
    static let day: TimeInterval = 86_400

    let directory: String
    let root: CertificateMint.Issuer
    let key: CertificateMint.PrivateKey
    let leaf: CertificateFacts

    /// - Parameter isLasting: valid whatever the clock says, for what `openssl` makes with its own time.
    init(_ kind: CertificateMint.KeyKind = .p256, isLasting: Bool = false) throws {
        directory = NSTemporaryDirectory() + "signature-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let until: TimeInterval = isLasting ? 30_000 : 100
        root = try SignatureWorkshop.authority("Test Root", until: until + 200)
        key = try CertificateMint.key(kind)
        leaf = try SignatureWorkshop.certificate("Jan Peeters", key: key, issuer: root, until: until)
        try write("key.pem", key.pem())
        try write("leaf.pem", CertificateMint.pem(leaf))
        try write("root.pem", CertificateMint.pem(root.certificate))
        try write("payload", SignatureWorkshop.payload)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    static let payload = Array("<?xml version=\"1.0\"?>\n<Dimona>\n<Form/>\r\n</Dimona>\n".utf8)

    static func authority(
        _ name: String, above: CertificateMint.Issuer? = nil, from: TimeInterval = -300,
        until: TimeInterval = 300
    ) throws -> CertificateMint.Issuer {
        let key = try CertificateMint.key(.p256)
        let certificate = try CertificateMint.certificate(
            .init(
                commonName: name, notBefore: now + from * day, notAfter: now + until * day,
                isAuthority: true),
            key: key, issuer: above)
        return CertificateMint.Issuer(certificate: certificate, key: key)
    }

    static func certificate(
        _ name: String, key: CertificateMint.PrivateKey, issuer: CertificateMint.Issuer?,
        from: TimeInterval = -100, until: TimeInterval = 100, isAuthority: Bool = false,
        keyUsage: [CertificateMint.KeyUsage]? = nil, serial: [UInt8]? = nil
    ) throws -> CertificateFacts {
        try CertificateMint.certificate(
            .init(
                commonName: name, organisation: "Acme", notBefore: now + from * day,
                notAfter: now + until * day,
                isAuthority: isAuthority, keyUsage: keyUsage, serial: serial),
            key: key, issuer: issuer)
    }

    func path(_ name: String) -> String { directory + "/" + name }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
    }

    func read(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: path(name))))
    }

    /// Runs `openssl` in the directory; returns its exit code and what it wrote to standard error.
    @discardableResult
    func openssl(_ arguments: String) throws -> (code: Int32, words: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments.split(separator: " ").map(String.init)
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        let words = path("words-" + UUID().uuidString)
        try write((words as NSString).lastPathComponent, [])
        let output = try FileHandle(forWritingTo: URL(fileURLWithPath: words))
        process.standardError = output
        process.standardOutput = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try output.close()
        return (process.terminationStatus, try String(contentsOfFile: words, encoding: .utf8))
    }

    /// `openssl cms -sign` over `payload` into `signature`; expects it to succeed.
    func sign(
        _ options: String = "", signer: String = "-signer leaf.pem -inkey key.pem", form: String = "DER"
    ) throws {
        let arguments = "cms -sign -binary -in payload -out signature -outform \(form) \(signer) \(options)"
        let result = try openssl(arguments)
        try #require(result.code == 0, "\(result.words)")
    }

    /// Rewrites `signature` so that the elements it is made of have indefinite lengths, as Java tools write
    /// them.
    func makeIndefinite(depth: Int = 4) throws {
        let element = try #require(BERElement(whole: try read("signature")))
        try write("signature", try #require(element.indefinite(depth: depth)))
    }

    func trust(
        authorities: [CertificateFacts]? = nil, lists: [RevocationListFacts] = []
    ) throws -> TrustStore {
        try TrustStore(authorities: authorities ?? [root.certificate], revocationLists: lists)
    }

    /// What our reader says; what `CMS_verify` says has to agree.
    func verify(
        trust: TrustStore? = nil, registered: [CertificateFacts]? = nil, policy: SignaturePolicy = .init(),
        at time: Date = SignatureWorkshop.now, _ location: SourceLocation = #_sourceLocation
    ) throws -> Result<VerifiedSignature, StageFailure> {
        let comparison = try compare(
            trust: trust ?? self.trust(), registered: registered ?? [leaf], policy: policy, at: time)
        #expect(
            comparison.outcome != nil,
            "\(comparison.ours), \(comparison.fresh), OpenSSL \(comparison.reference)",
            sourceLocation: location)
        return comparison.ours
    }

    /// What our reader says, alone.
    func verdict(
        _ trust: TrustStore, _ registered: [CertificateFacts], _ policy: SignaturePolicy = .init(),
        at time: Date = SignatureWorkshop.now
    ) throws -> Result<VerifiedSignature, StageFailure> {
        let examiner = try TwinExaminer(asksOpenSSL: false) { Issue.record(Comment(rawValue: $0)) }
        let ground = ExaminationGround(
            schemas: try .make(of: [:]), documentLimits: DocumentLimits(), signaturePolicy: policy,
            trust: trust)
        return Result { () throws(StageFailure) in
            let files = try files()
            return try examiner.verify(
                files.payload, with: files.signature, registered: registered, at: time, on: ground)
        }
    }

    private static let names = ["FI", "FS"].compactMap { FileName("\($0).DIMN.006400.20250615.00001.R.1.1") }

    /// What was signed and its signature, as a sender would have named them.
    func files() throws(StageFailure) -> (payload: SentFile, signature: SentFile) {
        (
            try SentFile(Self.names[0], at: path("payload")),
            try SentFile(Self.names[1], at: path("signature"))
        )
    }
}

extension BERElement {
    /// The element with indefinite lengths down to `depth` levels.
    func indefinite(depth: Int) -> [UInt8]? {
        guard depth > 0, tag & 0x20 != 0, let children else {
            return Array(whole)
        }
        let bodies = children.compactMap { $0.indefinite(depth: depth - 1) }
        guard bodies.count == children.count else { return nil }
        return [tag, 0x80] + bodies.flatMap(\.self) + [0, 0]
    }
}

/// Expects a refusal with `code`, naming the signature file, whose sentence contains `words`.
func expectRefusal(
    _ outcome: Result<VerifiedSignature, StageFailure>, _ code: ReceptionCode = .signatureInvalid,
    _ words: String, _ location: SourceLocation = #_sourceLocation
) {
    guard case .failure(.refused(let findings)) = outcome else {
        Issue.record("expected a refusal, got \(outcome)", sourceLocation: location)
        return
    }
    #expect(findings.count == 1 && findings[0].code == code, sourceLocation: location)
    #expect(findings[0].file?.description.hasPrefix("FS.") == true, sourceLocation: location)
    #expect(findings[0].detail.contains(words), "\(findings[0].detail)", sourceLocation: location)
}

func expectDeferral(
    _ outcome: Result<VerifiedSignature, StageFailure>, _ reason: Deferral.Reason,
    _ location: SourceLocation = #_sourceLocation
) {
    guard case .failure(.deferred(let deferral)) = outcome else {
        Issue.record("expected a deferral, got \(outcome)", sourceLocation: location)
        return
    }
    #expect(deferral.reason == reason, "\(deferral.sentence)", sourceLocation: location)
}
