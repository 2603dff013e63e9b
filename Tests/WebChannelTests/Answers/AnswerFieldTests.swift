import Exchange
import Testing

@testable import WebChannel

@Suite struct AnswerFieldTests {
    @Test(
        arguments: [
            (nil, ByteRange.whole), ("bytes=0-9", .part(0..<10)), ("bytes=90-", .part(90..<100)),
            ("bytes=-10", .part(90..<100)),
            ("bytes=-1000", .part(0..<100)), ("bytes=90-1000", .part(90..<100)), ("Bytes=0-0", .part(0..<1)),
            ("bytes=100-", .unsatisfiable), ("bytes=-0", .unsatisfiable), ("bytes=5-2", .whole),
            ("bytes=0-1,5-6", .whole),
            ("lines=1-2", .whole), ("bytes=", .whole), ("bytes=a-b", .whole),
            ("bytes=99999999999999999999-", .whole),
            ("bytes=0-18446744073709551615", .part(0..<100)), ("bytes=+1-2", .whole),
        ] as [(String?, ByteRange)])
    func `a range is read by the rules`(field: String?, range: ByteRange) {
        #expect(ByteRange(field, of: 100) == range)
    }

    @Test func `an empty file has no range`() {
        #expect(ByteRange("bytes=0-", of: 0) == .unsatisfiable)
        #expect(ByteRange("bytes=-5", of: 0) == .unsatisfiable)
    }

    @Test(arguments: ["ACRF.999999.20260102.00001.R", "DMNO.999999.20260102.24AZG.T.2.1"])
    func `a stem is known by its shape`(text: String) {
        #expect(AnswerStem(text)?.file(.answer)?.escaped == "FO." + text)
    }

    @Test(arguments: [
        "", "ACRF", "ACRF.006400.20260102.00001.R", "ACRF.999999.20260230.00001.R",
        "ACRF.999999.20260102.0001.R",
        "ACRF.999999.20260102.00001.X", "ACRF.999999.20260102.00001.R.1", "acrf.999999.20260102.00001.R",
        "ACRF.999999.20260102.00001.R.1.1.1", "FO.ACRF.999999.20260102.00001.R",
        "ACRF.999999.20260102.../...R",
    ])
    func `what is no stem is none`(text: String) {
        #expect(AnswerStem(text) == nil)
    }
}
