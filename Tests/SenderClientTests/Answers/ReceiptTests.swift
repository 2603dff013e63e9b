import Exchange
import Testing

@testable import SenderClient

@Suite struct ReceiptTests {
    private let name = "GO.DMFA.006400.20230420.00001.R.1"

    private func forms(_ change: (String) -> String = { $0 }, codes: [String] = [], isAccepted: Bool = true)
        throws -> [Receipt]
    {
        let text = String(
            decoding: Signet.receipt(of: name, codes: codes, isAccepted: isAccepted), as: UTF8.self)
        return try Receipt.forms(in: Array(change(text).utf8))
    }

    @Test func `a receipt says which file, which number, and what became of it`() throws {
        let accepted = try #require(forms().first)
        #expect(accepted.fileName == name)
        #expect(accepted.ticket == "0380AB12CD3HZ")
        #expect(accepted.isAccepted)
        #expect(accepted.codes.isEmpty)
        let refused = try #require(forms(codes: ["ACRF-125", "00011-155"], isAccepted: false).first)
        #expect(!refused.isAccepted)
        #expect(refused.codes.map(\.text) == ["ACRF-125", "00011-155"])
        #expect(refused.codes.map(\.known) == [.signatureInvalid, nil])
    }

    @Test func `several forms are several receipts`() throws {
        let forms = try forms { text in
            let start = text.firstRange(of: "<Form>")?.lowerBound ?? text.startIndex
            let end = text.firstRange(of: "</ACRF>")?.lowerBound ?? text.endIndex
            let second = text[start..<end].replacing(".00001.", with: ".00002.").replacing(
                "<ResultCode>1", with: "<ResultCode>0")
            return text.replacing("</ACRF>", with: second + "</ACRF>")
        }
        #expect(forms.map(\.fileName) == [name, name.replacing(".00001.", with: ".00002.")])
        #expect(forms.map(\.isAccepted) == [true, false])
    }

    @Test(arguments: [
        ("ACRF>", "ACRX>"), ("<ResultCode>1</ResultCode>", "<ResultCode>2</ResultCode>"),
        ("<ResultCode>1</ResultCode>", ""), ("<FileName>GO.DMFA.006400.20230420.00001.R.1</FileName>", ""),
        ("<Identification>ACRF001", "<Identification>NOTI001"),
        ("<ErrorID>ACRF-125", "<ErrorID>ACRF-125-AND-MORE"),
        ("<FileName>", "<FileName>\(String(repeating: "x", count: 64))"),
        ("<ReceptionResult>", "<Other><ReceptionResult>"),
    ])
    func `what says less than a receipt, or more, is none`(old: String, new: String) {
        #expect(throws: AnswerXML.Fault.self) {
            try forms({ $0.replacing(old, with: new) }, codes: ["ACRF-125"])
        }
    }

    @Test(arguments: [
        "FO.ACRF.999999.20230420.00001.R", "GO.NOTI.999999.20230420.A0Z01.T",
        "FS.DMNO.999999.20070425.00010.R.1.1",
        "CO.FINO.999999.20070425.00010.R",
    ])
    func `names of answers are known`(text: String) throws {
        let name = try #require(AnswerName(Array(text.utf8)))
        #expect(name.text(of: name.kind) == text)
    }

    @Test(arguments: [
        "", "FO", "FI.DMFA.006400.20230420.00001.R.1.1", "FO.ACRF.999999.20230420.00001",
        "FO.ACRF.999999.20230420.00001.X",
        "FO.ACRF.99999.20230420.00001.R", "FO.ACRF.999999.2023042.00001.R", "FO.ACRF.999999.20230420.0000a.R",
        "FO.ACRF.999999.20230420.00001.R.1.1.1", "FO.ACRF.999999.20230420.00001.R.x",
        "FO.ACRF.999999.20230420.00001.R.",
        ".FO.ACRF.999999.20230420.00001.R", "FO.ACRF.999999.20230420.00001.R/..",
        "FO.../.999999.20230420.00001.R",
    ])
    func `other names are nobody's answer`(text: String) {
        #expect(AnswerName(Array(text.utf8)) == nil)
    }
}
