import Exchange
import Foundation
import Testing

@testable import Pipeline

struct ReceiptDocumentTests {
    private func receipt(_ record: DecisionRecord) -> ReceivedReceipt {
        ReceivedReceipt(stem: "", document: ReceiptDocument(record: record).bytes, signature: [])
    }

    @Test func `an acceptance says so and is valid against the schema of receipts`() throws {
        let receipt = try receipt(Fixtures.record(.accepted))
        try ReceivedReceipt.requireValid(receipt.document)
        #expect(receipt.resultCode == "1" && receipt.typeForm == "PA" && receipt.errors.isEmpty)
        #expect(receipt.fileName == "GO.DMFA.006400.20230420.00001.R.1")
        #expect(receipt.ticket == Fixtures.ticket())
    }

    @Test func `a refusal tells every code once and is valid against the schema of receipts`() throws {
        let receipt = try receipt(
            Fixtures.record(.refused, [.schemaUnknown, .signatureInvalid, .schemaUnknown]))
        try ReceivedReceipt.requireValid(receipt.document)
        #expect(receipt.resultCode == "0" && receipt.typeForm == "FA")
        #expect(receipt.errors == ["ACRF-088", "ACRF-125"])
    }

    @Test(arguments: ReceptionCode.allCases)
    func `every code fits the schema of receipts`(code: ReceptionCode) throws {
        let receipt = try receipt(Fixtures.record(.refused, [code]))
        try ReceivedReceipt.requireValid(receipt.document)
        #expect(receipt.errors == [code.errorID])
    }

    @Test(arguments: [
        (1_681_984_800.0, "2023-04-20", "12:00:00.000"), (1_671_666_476.125, "2022-12-22", "00:47:56.125"),
        (1_698_540_000.75, "2023-10-29", "02:40:00.750"), (1_698_543_600.5, "2023-10-29", "02:40:00.500"),
    ])
    func `date and hour are Belgian, with three decimals`(time: Double, date: String, hour: String) throws {
        let created = Date(timeIntervalSince1970: time).formCreation
        #expect(created.date == date)
        #expect(created.hour == hour)
    }

    @Test func `a long name is cut to what a receipt holds`() throws {
        let long = "FI." + String(repeating: "x", count: 77)
        let receipt = try receipt(Fixtures.record(.refused, [.wrongPrefix], fileName: long))
        try ReceivedReceipt.requireValid(receipt.document)
        #expect(receipt.fileName == String(long.prefix(64)))
    }

    @Test func `no byte of a name is markup`() throws {
        let receipt = try receipt(
            Fixtures.record(.refused, [.wrongPrefix], fileName: "<FileName><x a='&\"\u{1}\u{7F}é"))
        try ReceivedReceipt.requireValid(receipt.document)
        #expect(receipt.fileName == "%3CFileName%3E%3Cx%20a%3D%27%26%22%01%7F%C3%A9")
    }
}
