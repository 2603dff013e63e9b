import Exchange
import Foundation
import Testing

@Suite struct NumberTests {
    @Test(arguments: ["000001", "006400", "123456", "999998"])
    func `six digits are a sender's number`(_ text: String) throws {
        let number = try #require(SenderNumber(text))
        #expect(number.description == text)
        let json = try JSONEncoder().encode([number])
        #expect(String(decoding: json, as: UTF8.self) == "[\"\(text)\"]")
        #expect(try JSONDecoder().decode([SenderNumber].self, from: json) == [number])
    }

    @Test(arguments: [
        "", "000000", "999999", "12345", "1234567", "12345a", "-12345", " 12345", "12345\u{0}", "١٢٣٤٥٦",
        "١٢٣",
    ])
    func `anything else is none`(_ text: String) {
        #expect(SenderNumber(text) == nil)
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([SenderNumber].self, from: JSONEncoder().encode([text]))
        }
    }

    @Test func `the administration's number is nobody else's`() {
        #expect(SenderNumber.administration.description == "999999")
    }

    @Test func `numbers are ordered as numbers`() throws {
        let numbers = try ["000010", "000009", "100000"].map { try #require(SenderNumber($0)) }
        #expect(numbers.sorted().map(\.description) == ["000009", "000010", "100000"])
    }

    @Test(arguments: ["EXPa", "EXPtests001", "EXPTEST0123", "EXP_", "EXP12345678901234567890"])
    func `EXP and up to twenty letters, digits and underscores are a user`(_ text: String) {
        #expect(TechnicalUser(text)?.description == text)
    }

    @Test(arguments: [
        "", "EXP", "exptests", "Exptests", "XEXPa", "EXPa-b", "EXPa b", "EXPé", "EXP123456789012345678901",
        "EXPa\n", "EXP\u{0}",
    ])
    func `a user outside the convention is none`(_ text: String) {
        #expect(TechnicalUser(text) == nil)
    }

    @Test(arguments: [
        ("0401234560", "0401234560"), ("401234560", "0401234560"), ("1001234592", "1001234592"),
        ("0401.234.560", "0401234560"),
    ])
    func `a company number has its check digits`(_ text: String, _ whole: String) {
        #expect(EnterpriseNumber(text)?.description == whole)
    }

    @Test(arguments: ["1234567-49", "1500000-23", "1654321-41", "123456749", "1234567.49"])
    func `an NSSO number has its check digits`(_ text: String) {
        #expect(NSSONumber(text)?.description == text.filter(\.isNumber))
    }

    @Test func `the range of NSSO numbers ends where it is said to`() {
        #expect(NSSONumber("100006")?.description == "000100006")
        #expect(NSSONumber("199999934")?.description == "199999934")
        #expect(NSSONumber("99909") == nil)
        #expect(NSSONumber("200000031") == nil)
    }

    @Test(arguments: ["85073003328", "01020300170", "85273003371", "85473003317", "01420300159"])
    func `an identity number has its check digits, born before 2000 or after`(_ text: String) {
        #expect(INSS(text)?.description == text)
    }

    @Test func `one wrong digit is always found`() {
        func variants(_ text: String) -> [String] {
            text.indices.flatMap { index in
                "0123456789".filter { $0 != text[index] }.map { digit in
                    text.replacingCharacters(in: index...index, with: String(digit))
                }
            }
        }
        for text in variants("0401234560") + variants("1001234592") {
            #expect(EnterpriseNumber(text) == nil, "\(text)")
        }
        for text in variants("123456749") + variants("150000023") + variants("165432141") {
            #expect(NSSONumber(text) == nil, "\(text)")
        }
    }

    @Test(arguments: [
        "", "0", "2123456791", "0000000097", "04012345600", "040123456", "O401234560", "0401 234560",
    ])
    func `a company number of another shape is none`(_ text: String) {
        #expect(EnterpriseNumber(text) == nil)
    }

    @Test(arguments: ["", "12345675", "1234567-48", "1234567/49", "12345674999", "123456 749", "12345674x"])
    func `an NSSO number of another shape is none`(_ text: String) {
        #expect(NSSONumber(text) == nil)
    }

    @Test(arguments: ["", "85073003329", "8507300332", "850730033288", "85.07.30-033.28", "8507300332x"])
    func `an identity number of another shape is none`(_ text: String) {
        #expect(INSS(text) == nil)
    }

    @Test(arguments: ["DMFA", "DIMN", "A1B2", "0000"])
    func `four capitals or digits are a purpose`(_ text: String) {
        #expect(Purpose(text)?.description == text)
    }

    @Test(arguments: ["", "DMF", "DMFAA", "dmfa", "DM.A", "DMÉ"])
    func `anything else is no purpose`(_ text: String) {
        #expect(Purpose(text) == nil)
    }
}
