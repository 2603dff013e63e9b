import Foundation

/// An answer as the sender downloaded it, already verified: signed with the instance's receipt key and valid against
/// the published schema, both in the eyes of programs that are not ours.
struct Receipt: Sendable, Hashable {
    /// `ACRF.999999.20260102.00001.R`
    let stem: String
    let document: String
    /// The name of the file the receipt is about.
    let fileName: String
    let ticket: String
    let codes: [String]
    let isAccepted: Bool

    init(stem: String, document: [UInt8], signature: [UInt8], from instance: Instance) throws {
        self.stem = stem
        self.document = String(decoding: document, as: UTF8.self)
        fileName = try Receipt.element("FileName", in: self.document)
        ticket = try Receipt.element("ReferenceNbr", in: self.document)
        codes = self.document.matches(of: #/<ErrorID>([^<]*)</ErrorID>/#).map { String($0.output.1) }
        isAccepted = try Receipt.element("ResultCode", in: self.document) == "1"
        try verify(document, signature, instance)
    }

    private static func element(_ name: String, in document: String) throws -> String {
        guard let start = document.firstRange(of: "<\(name)>"),
            let end = document[start.upperBound...].firstRange(of: "</\(name)>")
        else { throw Program.Fault(description: "no \(name) in \(document)") }
        return String(document[start.upperBound..<end.lowerBound])
    }

    private func verify(_ document: [UInt8], _ signature: [UInt8], _ instance: Instance) throws {
        guard let der = Data(base64Encoded: Data(signature), options: .ignoreUnknownCharacters) else {
            throw Program.Fault(description: "FS.\(stem) is not base64")
        }
        let place = try Scratch()
        let content = try place.write(document, to: "FO")
        try Program.need(
            "openssl",
            [
                "cms", "-verify", "-binary", "-inform", "DER", "-in", place.write(der, to: "FS.der"),
                "-content", content,
                "-CAfile", instance.path("config/keys/receipt.pem"), "-purpose", "any", "-out", "/dev/null",
            ])
        try Program.need(
            "xmllint", ["--noout", "--schema", instance.path("config/schemas/ACRF_20231.xsd"), content])
    }
}
