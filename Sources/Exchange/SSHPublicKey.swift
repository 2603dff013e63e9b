internal import struct Foundation.Data

/// An SSH public key in its wire form (RFC 4253 section 6.6; RFC 5656; RFC 8709).
public struct SSHPublicKey: Sendable, Hashable {
    /// The blob: a string with the algorithm, then the key's own fields.
    public let blob: [UInt8]
    /// `ssh-ed25519`, `ecdsa-sha2-nistp256` (384, 521) or `ssh-rsa`.
    public let algorithm: String
    /// Bits of the key.
    public let bits: Int

    /// Why a key is not taken at registration.
    public enum Fault: Error, Sendable, Hashable {
        case notAKey
        case privateKey
        case unsupportedAlgorithm(String)
        /// RSA below 2048 bits (domain 9.14).
        case weak(bits: Int)
    }

    /// Reads a wire blob; it must be one whole key of a supported algorithm.
    public init(blob: [UInt8]) throws(Fault) {
        var rest = blob[...]
        guard let name = SSHPublicKey.string(from: &rest) else { throw .notAKey }
        let algorithm = String(decoding: name, as: UTF8.self)
        switch algorithm {
        case "ssh-ed25519":
            guard let key = SSHPublicKey.string(from: &rest), key.count == 32 else { throw .notAKey }
            bits = 256
        case "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521":
            guard let curve = SSHPublicKey.string(from: &rest), let point = SSHPublicKey.string(from: &rest),
                let size = Int(algorithm.suffix(3)), Array(curve) == Array("nistp\(size)".utf8),
                point.first == 4, point.count == 1 + 2 * ((size + 7) / 8)
            else { throw .notAKey }
            bits = size
        case "ssh-rsa":
            guard SSHPublicKey.string(from: &rest) != nil, let modulus = SSHPublicKey.string(from: &rest)
            else {
                throw .notAKey
            }
            let digits = modulus.drop { $0 == 0 }
            bits = digits.isEmpty ? 0 : digits.count * 8 - digits[digits.startIndex].leadingZeroBitCount
            guard bits >= 2048 else { throw .weak(bits: bits) }
        default:
            throw .unsupportedAlgorithm(
                String(algorithm.unicodeScalars.filter { $0.isASCII && $0.value > 32 }.prefix(40)))
        }
        guard rest.isEmpty else { throw .notAKey }
        self.blob = blob
        self.algorithm = algorithm
    }

    /// Reads the one line of an OpenSSH `.pub` file, or the block of RFC 4716. Comments are not kept.
    public init(file text: String) throws(Fault) {
        if text.contains("PRIVATE KEY") { throw .privateKey }
        let lines = text.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("#") }
        let encoded: String
        if let first = lines.first, first.hasPrefix("---- BEGIN SSH2 PUBLIC KEY") {
            var isContinued = false
            encoded = lines.dropFirst().prefix { !$0.hasPrefix("----") }.filter { line in
                let isHeader = isContinued || line.contains(":")
                isContinued = isHeader && line.hasSuffix("\\")
                return !isHeader
            }.joined()
        } else {
            guard lines.count == 1, let line = lines.first else { throw .notAKey }
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words.count >= 2 else { throw .notAKey }
            encoded = String(words[1])
        }
        guard let data = Data(base64Encoded: encoded) else { throw .notAKey }
        try self.init(blob: Array(data))
    }

    private static func string(from rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard rest.count >= 4 else { return nil }
        let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        guard length <= rest.count - 4 else { return nil }
        let value = rest.dropFirst(4).prefix(length)
        rest = rest.dropFirst(4 + length)
        return value
    }
}
