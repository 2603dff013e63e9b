internal import COpenSSL

/// A passphrase or PIN. Its bytes are overwritten when the last holder lets go of it; its description shows nothing.
///
/// `@unchecked Sendable`: nothing changes after `init`.
public final class Passphrase: @unchecked Sendable, CustomStringConvertible, CustomReflectable {
    /// The bytes and a zero after them.
    private let storage: UnsafeMutableRawBufferPointer

    /// The longest one taken, in bytes.
    public static let longest = 1023

    /// Takes the bytes over and overwrites them at the caller's; nil when they are too many, or one of them is zero.
    public init?(wiping bytes: inout [UInt8]) {
        let isFit = bytes.count <= Passphrase.longest && !bytes.contains(0)
        storage = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count + 1, alignment: 1)
        storage.copyBytes(from: bytes)
        storage[bytes.count] = 0
        bytes.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) }
        bytes = []
        if !isFit { return nil }
    }

    deinit {
        OPENSSL_cleanse(storage.baseAddress, storage.count)
        storage.deallocate()
    }

    /// In bytes.
    public var count: Int { storage.count - 1 }

    /// Hands out the bytes with a zero after them, for the time of the call.
    public func withCString<Result, Failure: Error>(
        _ body: (UnsafePointer<CChar>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard let start = storage.baseAddress else { preconditionFailure("a passphrase without its zero") }
        return try body(UnsafePointer(start.assumingMemoryBound(to: CChar.self)))
    }

    public var description: String { "(secret)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Answers OpenSSL when it asks for a passphrase, and remembers that it did. Lives as long as the call that it is for.
final class PassphraseAnswer {
    private let passphrase: Passphrase?
    private(set) var wasAsked = false

    init(_ passphrase: Passphrase?) {
        self.passphrase = passphrase
    }

    /// For the last argument of calls that take `callback`.
    var pointer: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

    /// Without a passphrase the call fails; OpenSSL's own way would be to ask on the terminal.
    static let callback:
        @convention(c) (UnsafeMutablePointer<CChar>?, Int32, Int32, UnsafeMutableRawPointer?) -> Int32 =
            { buffer, size, _, answer in
                guard let buffer, let answer else { return -1 }
                return Unmanaged<PassphraseAnswer>.fromOpaque(answer).takeUnretainedValue().fill(
                    buffer, Int(size))
            }

    private func fill(_ buffer: UnsafeMutablePointer<CChar>, _ size: Int) -> Int32 {
        wasAsked = true
        guard let passphrase, passphrase.count <= size else { return -1 }
        passphrase.withCString { buffer.update(from: $0, count: passphrase.count) }
        return Int32(passphrase.count)
    }
}
