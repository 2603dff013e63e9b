internal import Exchange
internal import Validation

/// A receipt as the sender downloaded it.
struct DemoReceipt {
    let text: String
    let codes: [String]
    let isSigned: Bool
    let words: String

    init(document: [UInt8], signature: [UInt8], certificate: CertificateFacts) throws {
        text = String(decoding: document, as: UTF8.self)
        codes = text.matches(of: /<ErrorID>([^<]*)<\/ErrorID>/).map { String($0.output.1) }
        isSigned = SignatureVerifier.isSignature(signature, over: document, by: certificate)
        let isAccepted = text.contains("<ResultCode>1</ResultCode>")
        let sentences = codes.compactMap { code in
            Int(code.dropFirst(5)).flatMap(ReceptionCode.init(rawValue:)).map {
                "\(code): \($0.sentence(in: .en))"
            }
        }
        words = isAccepted ? "accepted" : "refused, \(sentences.joined(separator: "; "))"
    }

    /// The document, set in.
    var shown: String {
        text.split(separator: "\n").map { "      | \($0)" }.joined(separator: "\n")
    }
}
