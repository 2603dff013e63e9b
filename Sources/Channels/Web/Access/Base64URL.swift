internal import Foundation

/// Base64 with the alphabet for URLs, without padding (RFC 7515 section 2).
enum Base64URL {
    static func text(of bytes: some Sequence<UInt8>) -> String {
        Data(bytes).base64EncodedString().replacingOccurrences(of: "+", with: "-")
            .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
    }

    /// Nil unless `text` is what `text(of:)` would write: no padding, no other alphabet, no stray bits.
    static func bytes(of text: some StringProtocol) -> [UInt8]? {
        let standard = text.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
        let padding = String(repeating: "=", count: (4 - standard.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: standard + padding), Base64URL.text(of: data) == text else {
            return nil
        }
        return Array(data)
    }
}
