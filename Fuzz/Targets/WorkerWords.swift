internal import Exchange
internal import Foundation

@testable internal import Validation
@testable internal import Workers

extension FuzzTarget {
    /// What a worker says, whoever has taken it over, as the daemon reads it.
    ///
    /// Proves: bytes are a word or a fault; a word is written as bytes that are read as the same; findings and reasons that
    /// the daemon would pass on are one line each, about the file that was asked about.
    static let workerWords = FuzzTarget(name: "worker-words", longest: 4096) {
        try words().map { WireWriter.bytes(of: $0) }
    } prove: { input in
        guard let word = try? WireReader.value(WorkerWord.self, in: input) else { return }
        let bytes = WireWriter.bytes(of: word)
        guard let again = try? WireReader.value(WorkerWord.self, in: bytes) else {
            return hold(false, "a word that cannot be read again")
        }
        // Dictionaries and JSON come in any order.
        hold(WireWriter.bytes(of: again).count == bytes.count, "a word that changes")
        do {
            switch try Worker.failure(word, of: file, [.signature, .document, .schema], atMost: 100) {
            case .refused(let findings):
                hold((1...100).contains(findings.count), "\(findings.count) findings")
                hold(findings.allSatisfy { $0.file == file && isLine($0.detail) }, "a finding that cannot be")
            case .deferred(let deferral):
                hold(isLine(deferral.sentence) && deferral.pause == nil, "a deferral that cannot be")
            }
        } catch {
            hold(isLine("\(error)"), "a fault of several lines")
        }
    }

    private static func isLine(_ text: String) -> Bool {
        text.utf8.count <= 65_536
            && text.unicodeScalars.allSatisfy { !$0.properties.isNewline && $0.value >= 0x20 }
    }

    private static let file: FileName = {
        guard let name = FileName("FS.DMFA.006400.20070423.00001.R.1.1") else { fatalError("no name") }
        return name
    }()

    private static func words() throws -> [WorkerWord] {
        let (time, digest) = (Date(timeIntervalSinceReferenceDate: 0), Digest(ofSHA256: Array("a".utf8)))
        let evidence = RevocationEvidence(
            certificate: digest, issuer: "CN=A", number: "1", thisUpdate: time, nextUpdate: nil,
            ageSeconds: 1,
            source: .file)
        let signature = VerifiedSignature(
            uncheckedPayloadDigest: digest, signatureDigest: digest, certificate: digest, subject: "CN=B",
            issuer: "CN=A", serialHexadecimal: "0A", algorithm: "RSA-2048 PKCS1 SHA256", form: .raw,
            chain: ChainEvidence(chain: [digest], revocation: [evidence]), verifiedAt: time, signingTime: time
        )
        let document = CheckedDocument(
            digest: digest, size: 12, root: "DmfAOriginal", schema: nil, encoding: "UTF-8", forms: ["DMFA": 2]
        )
        let finding = Finding(
            .notWellFormed, file: file, place: .init(line: 1, column: 2, path: "/a"), detail: "So.")
        return [
            .told, .question(StatusQuestion(certificate: digest, serial: "01", authority: digest)),
            .verified(signature), .checked(document), .refused([finding]),
            .deferred(Deferral(.diskFault, "A sentence.")),
        ]
    }
}

extension Unicode.Scalar.Properties {
    fileprivate var isNewline: Bool {
        generalCategory == .lineSeparator || generalCategory == .paragraphSeparator
    }
}
