import Testing

@testable import Validation

@Suite struct SignatureTextTests {
    @Test(arguments: [0, 1, 2, 3, 47, 48, 49, 1000])
    func `what is encoded is decoded again`(count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let text = SignatureText.encode(bytes)
        #expect(SignatureText.decodeBase64(text.filter { $0 > 0x20 }) == bytes)
        for line in text.split(separator: 0x0A) { #expect(line.last != 0x0D && line.count <= 64) }
    }

    @Test(arguments: ["AA=A", "A===", "====", "AAA", "AB==", "AAB=", "AA-A", "AA==AAAA", "A A="])
    func `loose base64 is refused`(text: String) {
        #expect(SignatureText.decodeBase64(Array(text.utf8)) == nil)
    }
}
