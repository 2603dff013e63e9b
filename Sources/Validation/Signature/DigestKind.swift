internal import COpenSSL
internal import Exchange

/// The digests a signature can use. MD5 and the rest have no case, so they cannot be allowed by mistake.
enum DigestKind: String, CaseIterable {
    case sha1 = "SHA1"
    case sha256 = "SHA256"
    case sha384 = "SHA384"
    case sha512 = "SHA512"

    /// The content octets of the object identifier.
    var identifier: [UInt8] {
        switch self {
        case .sha1: [0x2B, 0x0E, 0x03, 0x02, 0x1A]
        case .sha256: DigestKind.sha2 + [1]
        case .sha384: DigestKind.sha2 + [2]
        case .sha512: DigestKind.sha2 + [3]
        }
    }

    private static let sha2: [UInt8] = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02]

    init?(identifier: some Collection<UInt8>) {
        guard let kind = DigestKind.allCases.first(where: { $0.identifier.elementsEqual(identifier) }) else {
            return nil
        }
        self = kind
    }

    /// OpenSSL's algorithm, fetched once.
    var algorithm: OpaquePointer {
        switch self {
        case .sha1: DigestAlgorithms.shared.sha1
        case .sha256: DigestAlgorithms.shared.sha256
        case .sha384: DigestAlgorithms.shared.sha384
        case .sha512: DigestAlgorithms.shared.sha512
        }
    }

    func digest(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        let contiguous = Array(bytes)
        guard EVP_Digest(contiguous, contiguous.count, &output, &count, algorithm, nil) == 1 else {
            preconditionFailure("a digest over memory failed")
        }
        return Array(output.prefix(Int(count)))
    }
}

/// Fetching an algorithm takes locks in OpenSSL 3, so it is done once for the life of the program.
///
/// `@unchecked Sendable`: the pointers are set in `init`, never freed, and OpenSSL never changes what they
/// point at.
private final class DigestAlgorithms: @unchecked Sendable {
    static let shared = DigestAlgorithms()
    let sha1: OpaquePointer
    let sha256: OpaquePointer
    let sha384: OpaquePointer
    let sha512: OpaquePointer

    private init() {
        func fetch(_ kind: DigestKind) -> OpaquePointer {
            guard let algorithm = EVP_MD_fetch(nil, kind.rawValue, nil) else {
                preconditionFailure("OpenSSL has no \(kind.rawValue)")
            }
            return algorithm
        }
        sha1 = fetch(.sha1)
        sha256 = fetch(.sha256)
        sha384 = fetch(.sha384)
        sha512 = fetch(.sha512)
    }
}

extension Digest {
    /// SHA-256 of `bytes`.
    init(ofSHA256 bytes: some Collection<UInt8>) {
        guard let digest = Digest(DigestKind.sha256.digest(bytes)) else {
            preconditionFailure("a SHA-256 of other than 32 bytes")
        }
        self = digest
    }
}

/// A digest over bytes that come in pieces; the one owner of its OpenSSL context.
struct StreamDigest: ~Copyable {
    private let context: OpenSSLOwner

    init(_ kind: DigestKind) {
        guard let handle = EVP_MD_CTX_new(), EVP_DigestInit_ex2(handle, kind.algorithm, nil) == 1 else {
            preconditionFailure("a digest context failed")
        }
        context = OpenSSLOwner(owning: handle) { EVP_MD_CTX_free($0) }
    }

    func update(_ bytes: UnsafeRawBufferPointer) {
        guard EVP_DigestUpdate(context.handle, bytes.baseAddress, bytes.count) == 1 else {
            preconditionFailure("a digest over memory failed")
        }
    }

    consuming func finish() -> [UInt8] {
        var output = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        guard EVP_DigestFinal_ex(context.handle, &output, &count) == 1 else {
            preconditionFailure("a digest over memory failed")
        }
        return Array(output.prefix(Int(count)))
    }
}
