public import Exchange

/// What a receipt (ACRF, domain 1.6) says of one set.
public struct Receipt: Sendable, Hashable {
    /// The name of the GO, or of the file that was wrong; as written, at most 64 characters.
    public let fileName: String
    /// The number the set is known by; as written, at most 20 characters.
    public let ticket: String?
    public let isAccepted: Bool
    /// In the order of the receipt; empty when it accepts.
    public let codes: [Code]

    /// One thing that is wrong.
    public struct Code: Sendable, Hashable {
        /// As written, such as `ACRF-125`, at most 9 characters.
        public let text: String

        /// Nil for a code that is not one of ours.
        public var known: ReceptionCode? {
            guard text.hasPrefix("ACRF-"),
                let code = Int(text.dropFirst(5)).flatMap(ReceptionCode.init(rawValue:)),
                code.errorID == text
            else { return nil }
            return code
        }
    }

    /// The forms of an ACRF document, one for each set it speaks of.
    static func forms(in document: [UInt8]) throws(AnswerXML.Fault) -> [Receipt] {
        var elements = ElementText()
        var fields: [String: String] = [:]
        var codes: [String] = []
        var receipts: [Receipt] = []
        var isACRF = false
        var mostForms = 1000
        try AnswerXML.read(document) { event in
            guard let (path, text) = elements.take(event) else { return }
            switch path.joined(separator: "/") {
            case "ACRF": isACRF = true
            case "ACRF/Form":
                if mostForms > 0, let receipt = Receipt(fields, codes) { receipts.append(receipt) }
                mostForms -= 1
                fields = [:]
                codes = []
            case "ACRF/Form/ReceptionResult/ErrorID": if codes.count < 100 { codes.append(text) }
            case "ACRF/Form/FileReference/FileName", "ACRF/Form/FileReference/ReferenceNbr",
                "ACRF/Form/ReceptionResult/ResultCode", "ACRF/Form/Identification":
                fields[path[path.count - 1]] = text
            default: break
            }
        }
        guard isACRF, !receipts.isEmpty, mostForms >= 0 else { throw AnswerXML.Fault("it is no receipt") }
        return receipts
    }

    private init?(_ fields: [String: String], _ codes: [String]) {
        guard fields["Identification"] == "ACRF001", let fileName = fields["FileName"], !fileName.isEmpty,
            fileName.unicodeScalars.count <= 64, let result = fields["ResultCode"],
            result == "0" || result == "1",
            codes.allSatisfy({ (1...9).contains($0.unicodeScalars.count) })
        else { return nil }
        self.fileName = fileName
        ticket = fields["ReferenceNbr"].flatMap { (1...20).contains($0.unicodeScalars.count) ? $0 : nil }
        isAccepted = result == "1"
        self.codes = codes.map { Code(text: $0) }
    }
}
