import Exchange
import Foundation
import Testing
import Validation

/// A receipt as a sender reads it: FO and FS of one stem.
struct ReceivedReceipt: Equatable {
    let stem: String
    let document: [UInt8]
    let signature: [UInt8]

    private var text: String { String(decoding: document, as: UTF8.self) }

    private func values(of element: String) -> [String] {
        text.components(separatedBy: "<\(element)>").dropFirst().map {
            String($0.components(separatedBy: "</\(element)>")[0])
        }
    }

    var fileName: String { values(of: "FileName").first ?? "" }
    var typeForm: String { values(of: "TypeForm").first ?? "" }
    var resultCode: String { values(of: "ResultCode").first ?? "" }
    var errors: [String] { values(of: "ErrorID") }
    /// Nil when its check character is wrong.
    var ticket: Ticket? { values(of: "ReferenceNbr").first.flatMap { Ticket($0) } }

    /// Valid against the schema of receipts, signed by the receipt certificate, named by the convention.
    func requireGenuine(by certificate: CertificateFacts, in mailbox: Mailbox) throws {
        try ReceivedReceipt.requireValid(document)
        #expect(SignatureVerifier.isSignature(signature, over: document, by: certificate))
        #expect(!SignatureVerifier.isSignature(signature, over: document + [0x20], by: certificate))
        let pattern = /ACRF\.999999\.[0-9]{8}\.[0-9A-Z]{5}\.[RTS]/
        #expect(stem.wholeMatch(of: pattern) != nil, "the name \(stem) is not that of a receipt")
        #expect(stem.hasSuffix("." + mailbox.environment.rawValue))
    }

    static func requireValid(_ document: [UInt8]) throws {
        let directory = try TemporaryDirectory("receipt")
        let rule = PurposeRule(
            purpose: try #require(Purpose("ACRF")), roots: ["ACRF"], forms: ["ACRF001"], formLimit: 1)
        let check = DocumentCheck(catalogue: try Repository.schemas.get(), limits: DocumentLimits())
        let checked = try check.check(
            SentFile(#require(FileName("FO")), at: directory.write("FO", document)), rule: rule)
        #expect(checked.schema == "ACRF_20231.xsd")
    }
}
