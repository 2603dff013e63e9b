import Exchange
import Foundation
import Testing

@testable import Registry

@Suite struct PasswordRuleTests {
    static let kept = [
        "Abcdefghijk1", "abcdefghij-1", "ABCDEFGHIJ-1", "Abcdefghij-k", "Correct-Horse-9",
        "EXP-acme-EXP-9", String(repeating: "Aa1-", count: 16), "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~aB",
    ]

    @Test(arguments: kept)
    func `a password that keeps the rules is taken`(_ text: String) throws {
        #expect(try password(text, for: "EXPacme").text == text)
    }

    static let refused: [(text: String, rules: [FTPPassword.Rule])] = [
        ("Abcdefghij1", [.length]),
        (String(repeating: "Aa1-", count: 16) + "x", [.length]),
        ("abcdefghijk1", [.classes]),
        ("ABCDEFGHIJ--", [.classes]),
        ("123456789012-", [.classes]),
        ("Abcdefghij 1", [.alphabet]),
        ("Abcdefghij\u{E9}1", [.alphabet]),
        ("Abcdefghijk1\n", [.alphabet]),
        ("Abcdefghijk1\0", [.alphabet]),
        ("1-EXPacme-of-us", [.withoutUser]),
        ("1-expACME-of-us", [.withoutUser]),
        ("", [.length, .classes]),
        ("expacme", [.length, .classes, .withoutUser]),
        ("exp acme", [.length, .alphabet, .classes]),
    ]

    @Test(arguments: refused)
    func `a password that breaks rules is told all of them`(_ text: String, _ rules: [FTPPassword.Rule])
        throws
    {
        let fault = #expect(throws: FTPPassword.Fault.self) { try password(text, for: "EXPacme") }
        #expect(fault?.rules == rules)
        #expect(text.isEmpty || fault?.description.contains(text) == false)
    }

    @Test func `every rule is broken by some example`() {
        #expect(Set(Self.refused.flatMap(\.rules)) == Set(FTPPassword.Rule.allCases))
    }

    @Test func `the sentence reads as one`() throws {
        let fault = #expect(throws: FTPPassword.Fault.self) { try password("short", for: "EXPacme") }
        #expect(
            fault?.description
                == """
                This password cannot be taken: one has 12 to 64 characters, and has three of these four: capitals, \
                small letters, digits, other signs.
                """)
    }

    @Test func `a password shows itself in no description`() throws {
        let secret = try password(for: "EXPacme")
        let hash = try PasswordHash(of: secret)
        var dump = ""
        Swift.dump([secret], to: &dump)
        Swift.dump([hash], to: &dump)
        let channel = NewChannel(kind: .ftp, password: secret)
        for words in [
            "\(secret)", String(reflecting: secret), "\(hash)", String(reflecting: hash), "\(channel)", dump,
        ] {
            #expect(!words.contains("Horse") && !words.contains("$y$"), "\(words)")
        }
    }
}
