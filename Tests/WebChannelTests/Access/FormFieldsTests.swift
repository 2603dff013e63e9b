import Testing

@testable import WebChannel

@Suite struct FormFieldsTests {
    @Test func `fields are decoded`() throws {
        let form = try #require(FormFields("a=b+c&d=%C3%A9%26&e=".utf8))
        #expect(form["a"] == "b c")
        #expect(form["d"] == "é&")
        #expect(form["e"] == nil)
        #expect(form["f"] == nil)
    }

    @Test(arguments: ["a=1&a=2", "a", "a=%", "a=%4", "a=%zz", "a=%FF"])
    func `a field twice, and what is no form, is refused`(text: String) {
        #expect(FormFields(text.utf8) == nil)
    }

    @Test func `bytes that are no text are refused`() {
        #expect(FormFields([0x61, 0x3D, 0xFF]) == nil)
    }
}
