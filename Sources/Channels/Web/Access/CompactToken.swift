internal import Foundation

/// A signed JWT in its compact form (RFC 7515 section 7.1), taken apart; its signature has not been looked at.
struct CompactToken: Sendable {
    /// Bytes of a token at the most.
    static let longest = 8192

    struct Header: Decodable {
        let alg: String
        let kid: String?
    }

    let header: Header
    /// JSON, not parsed yet.
    let payload: [UInt8]
    /// What the signature is over.
    let signed: [UInt8]
    let signature: [UInt8]

    /// Nil unless the text is such a token with a header that names no critical extension: we know none (RFC 7515
    /// section 4.1.11).
    init?(_ text: some StringProtocol) {
        guard text.utf8.count <= CompactToken.longest else { return nil }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Base64URL.bytes(of: parts[0]),
            let payload = Base64URL.bytes(of: parts[1]), let signature = Base64URL.bytes(of: parts[2]),
            let decoded = try? JSONDecoder().decode(Header.self, from: Data(header)),
            let critical = try? JSONDecoder().decode(Critical.self, from: Data(header)), !critical.isThere
        else { return nil }
        self.header = decoded
        self.payload = payload
        self.signature = signature
        signed = Array(parts[0].utf8) + [0x2E] + Array(parts[1].utf8)
    }

    /// What the payload says.
    ///
    /// - Throws: when it is not of that form.
    func claims<Claims: Decodable>(as type: Claims.Type) throws -> Claims {
        try JSONDecoder().decode(type, from: Data(payload))
    }

    private struct Critical: Decodable {
        enum Key: String, CodingKey {
            case crit
        }

        let isThere: Bool

        init(from decoder: any Decoder) throws {
            isThere = try decoder.container(keyedBy: Key.self).contains(.crit)
        }
    }
}
