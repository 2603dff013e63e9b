import Testing

@testable import Validation

@Suite struct BERElementTests {
    @Test(
        arguments: [
            [0x30], [0x30, 0x01], [0x30, 0x81], [0x30, 0x85, 0, 0, 0, 0, 0],
            [0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF],
            [0x30, 0x84, 0x7F, 0xFF, 0xFF, 0xFF], [0x30, 0x80], [0x30, 0x80, 0x00], [0x04, 0x80, 0x00, 0x00],
            [0x1F, 0x01, 0x00], [0x00, 0x00], [0x30, 0xFF], [0x30, 0x00, 0x00], [0x30, 0x81, 0x00],
        ] as [[UInt8]])
    func `malformed elements are refused`(bytes: [UInt8]) {
        #expect(BERElement(whole: bytes) == nil)
    }

    @Test func `indefinite lengths become definite`() throws {
        let bytes: [UInt8] = [0x30, 0x80, 0xA0, 0x80, 0x02, 0x81, 0x01, 0x05, 0, 0, 0x04, 0x00, 0, 0]
        let element = try #require(BERElement(whole: bytes))
        #expect(element.children?.count == 2)
        #expect(element.definite() == [0x30, 0x07, 0xA0, 0x03, 0x02, 0x01, 0x05, 0x04, 0x00])
    }

    @Test(arguments: [0, 1, 127, 128, 255, 256, 65_535, 65_536])
    func `what is written is read again`(count: Int) throws {
        let contents = [UInt8](repeating: 9, count: count)
        let bytes = DER.element(BERElement.octets, contents)
        let element = try #require(BERElement(whole: bytes))
        #expect(Array(element.contents) == contents && element.definite() == bytes)
    }

    @Test func `deep nesting is refused without a crash`() {
        let open = (0..<100_000).flatMap { _ in [0x30, 0x80] as [UInt8] }
        #expect(BERElement(whole: open + [UInt8](repeating: 0, count: 200_000)) == nil)
        var definite: [UInt8] = []
        for _ in 0..<200 { definite = DER.sequence(definite) }
        #expect(BERElement(whole: definite)?.definite() == nil)
    }
}
