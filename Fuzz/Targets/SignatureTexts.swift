internal import Foundation

@testable internal import Validation

extension FuzzTarget {
    /// A signature file as text.
    ///
    /// Proves: armour and white space are stripped, and base64 decoded, as the slow and obvious way does it; bytes
    /// written as text are read as the same, with other line ends and armour, too.
    static let signatureText = FuzzTarget(name: "signature-text", longest: 1024) {
        [[UInt8]](
            texts: "-----BEGIN PKCS7-----\r\nMIIB\r\nAA==\r\n-----END PKCS7-----\r\n",
            " \t-----BEGIN\n TU lJ\r\u{0B}QUE=\n", "MA==",
            "0\u{1}\u{2}")
    } prove: { input in
        let decoded = SignatureText.decode(input)
        hold(decoded == slowly(input), "stripped otherwise than the slow way does")
        let text = SignatureText.encode(input)
        guard !input.isEmpty else { return }
        hold(SignatureText.decode(text) == input, "bytes that change as text")
        let lines = text.split(separator: 0x0A).joined(separator: [0x0D, 0x0A])
        let armoured = Array("-----BEGIN CMS-----\r\n".utf8) + lines + Array("\r\n-----END CMS-----".utf8)
        hold(SignatureText.decode(armoured) == input, "bytes that change in armour")
    }

    private static func slowly(_ file: [UInt8]) -> [UInt8]? {
        let blank: Set<UInt8> = [0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x20]
        let lines = file.split { $0 == 0x0A || $0 == 0x0D }.map { Array($0.drop(while: blank.contains)) }
        let text = lines.filter { !$0.starts(with: Array("-----".utf8)) }.joined().filter {
            !blank.contains($0)
        }
        let fallBack = file.first == 0x30 ? file : nil
        // Foundation lets stray bits pass: what was written otherwise is no base64 of ours.
        guard !text.isEmpty, let data = Data(base64Encoded: Data(text)),
            data.base64EncodedData() == Data(text)
        else {
            return fallBack
        }
        return Array(data)
    }
}
