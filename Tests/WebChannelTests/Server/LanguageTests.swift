import Exchange
import Testing

@testable import WebChannel

@Suite struct LanguageTests {
    @Test(arguments: [
        (nil, Language.en), ("", .en), ("fr", .fr), ("nl-BE, fr;q=0.5", .nl), ("es, de;q=0.1", .de),
        ("fr;q=0.2, nl;q=0.8", .nl), ("FR", .fr), ("*", .en), ("fr;q=0", .en), ("fr;q=2, nl;q=0.1", .nl),
        ("fr;q=x", .en), (";;,,q=1", .en), ("fr ; q=0.3 , de ; q=0.4", .de),
    ])
    func `the language liked best is spoken, English without one`(header: String?, language: Language) {
        #expect(Language(accepted: header) == language)
    }

    @Test func `only the first ranges are read`() {
        #expect(Language(accepted: String(repeating: "es,", count: 30) + "fr") == .en)
    }
}
