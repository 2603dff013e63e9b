internal import Crypto
internal import Foundation

/// A digest a body must have, and the body as far as it came.
struct BodyCheck: Sendable {
    enum Algorithm: String, Sendable, CaseIterable {
        /// Only because tus 1.0 demands it: it finds accidents, not attacks, and nothing rests on it but that.
        case sha1
        case sha256
    }

    private enum Hasher {
        case sha1(Insecure.SHA1)
        case sha256(SHA256)
    }

    private let expected: [UInt8]
    private var hasher: Hasher

    init(_ algorithm: Algorithm, expected: [UInt8]) {
        self.expected = expected
        hasher =
            switch algorithm {
            case .sha1: .sha1(Insecure.SHA1())
            case .sha256: .sha256(SHA256())
            }
    }

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        switch hasher {
        case .sha1(var sha1):
            sha1.update(bufferPointer: bytes)
            hasher = .sha1(sha1)
        case .sha256(var sha256):
            sha256.update(bufferPointer: bytes)
            hasher = .sha256(sha256)
        }
    }

    var holds: Bool {
        switch hasher {
        case .sha1(let sha1): Array(sha1.finalize()) == expected
        case .sha256(let sha256): Array(sha256.finalize()) == expected
        }
    }
}

extension BodyCheck {
    /// What `Content-Digest` promises (RFC 9530 section 2): nil when it names no SHA-256, which alone is looked at.
    ///
    /// - Parameter field: a dictionary of byte sequences, such as `sha-256=:4REjxQ4yrqUVicfSKYNO/cF9zNj5ANbzgDZt3/h3Qxo=:`.
    init?(contentDigest field: String) throws(Problem) {
        for member in field.split(separator: ",").map(\.trimmed) {
            guard let sign = member.firstIndex(of: "=") else { throw .malformedDigest }
            guard member[..<sign] == "sha-256" else { continue }
            let value = member[sign...].dropFirst()
            guard value.count > 2, value.first == ":", value.last == ":",
                let digest = Data(base64Encoded: String(value.dropFirst().dropLast())), digest.count == 32
            else { throw .malformedDigest }
            self.init(.sha256, expected: Array(digest))
            return
        }
        return nil
    }

    /// What `Upload-Checksum` promises (tus 1.0, extension checksum): an algorithm and the checksum in base64.
    init(uploadChecksum field: String) throws(Problem) {
        let words = field.split(separator: " ")
        guard words.count == 2, let checksum = Data(base64Encoded: String(words[1])) else {
            throw .malformed("Upload-Checksum is an algorithm, a space and a checksum in base64.")
        }
        guard let algorithm = Algorithm(rawValue: String(words[0])) else {
            throw .malformed("Upload-Checksum takes sha1 and sha256.")
        }
        self.init(algorithm, expected: Array(checksum))
    }
}

extension Problem {
    fileprivate static let malformedDigest = Problem(
        .malformed, "Content-Digest is no dictionary of byte sequences of RFC 9530.")
}
