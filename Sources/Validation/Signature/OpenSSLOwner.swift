internal import COpenSSL
internal import Glibc

internal import struct Foundation.Date

/// The one owner of an OpenSSL object: frees it with `free` when it ends.
struct OpenSSLOwner: ~Copyable {
    let handle: OpaquePointer
    private let free: (OpaquePointer) -> Void

    init(owning handle: OpaquePointer, free: @escaping (OpaquePointer) -> Void) {
        self.handle = handle
        self.free = free
    }

    /// Owns what an OpenSSL call returned; a nil from it is out of memory or worse, and becomes the fault.
    static func make(
        _ what: String, _ handle: OpaquePointer?, free: @escaping (OpaquePointer) -> Void
    ) throws(CertificateFault) -> OpenSSLOwner {
        guard let handle else { throw OpenSSLErrors.fault(what) }
        return OpenSSLOwner(owning: handle, free: free)
    }

    deinit { free(handle) }
}

/// OpenSSL's error queue, one per thread.
///
/// A call that got no memory says what it says of bytes that are wrong. So want of memory stays in the queue, whoever
/// empties it here, until `takeWantOfMemory()`.
enum OpenSSLErrors {
    /// A fault of ours, with what the queue says; the queue is empty afterwards.
    static func fault(_ what: String) -> CertificateFault {
        let reasons = drain()
        return .internalFault(reasons.isEmpty ? "\(what) failed." : "\(what) failed: \(reasons).")
    }

    /// Throws unless an OpenSSL call returned 1.
    static func check(_ result: Int32, _ what: String) throws(CertificateFault) {
        guard result == 1 else { throw fault(what) }
    }

    /// Everything in the queue, oldest first; the queue is empty afterwards.
    static func drain() -> String {
        var reasons: [String] = []
        _ = empty { if let reason = ERR_reason_error_string($0) { reasons.append(String(cString: reason)) } }
        return reasons.joined(separator: "; ")
    }

    /// Empties the queue.
    ///
    /// - Returns: whether want of memory stays in it: what was made or judged since may be wrong.
    @discardableResult
    static func clear() -> Bool {
        empty { _ in }
    }

    /// Whether a call of this thread got no memory since this was last asked; the queue is empty afterwards, of this too.
    static func takeWantOfMemory() -> Bool {
        takeAll { _ in }
    }

    /// Returns whether want of memory was among it, and still is.
    private static func empty(_ each: (UInt) -> Void) -> Bool {
        guard takeAll(each) else { return false }
        ecluse_note_want_of_memory()
        return true
    }

    /// Returns whether want of memory was among it.
    private static func takeAll(_ each: (UInt) -> Void) -> Bool {
        var isWanting = false
        while case let code = ERR_get_error(), code != 0 {
            isWanting = isWanting || ecluse_is_want_of_memory(code) == 1
            each(code)
        }
        return isWanting
    }
}

/// Conversions between OpenSSL's values and ours.
enum OpenSSLValue {
    /// Nil when the time is no valid UTCTime or GeneralizedTime.
    static func date(_ time: UnsafePointer<ASN1_TIME>?) -> Date? {
        var parts = tm()
        guard let time, ASN1_TIME_to_tm(time, &parts) == 1 else { return nil }
        return Date(timeIntervalSince1970: Double(timegm(&parts)))
    }

    /// Whole seconds since 1970, rounded down; nil outside the years 0 to 9999.
    static func seconds(_ date: Date) -> Int? {
        let seconds = date.timeIntervalSince1970.rounded(.down)
        guard seconds > -62_167_219_200, seconds < 253_402_300_800 else { return nil }
        return Int(seconds)
    }

    static func bytes(_ string: UnsafePointer<ASN1_STRING>?) -> [UInt8] {
        guard let string, let start = ASN1_STRING_get0_data(string) else { return [] }
        return Array(UnsafeBufferPointer(start: start, count: Int(ASN1_STRING_length(string))))
    }

    /// RFC 2253 form, control characters escaped.
    static func text(ofName name: OpaquePointer?) throws(CertificateFault) -> String {
        let output = try memory()
        guard let name, X509_NAME_print_ex(output.handle, name, 0, ecluse_name_flags()) >= 0 else {
            throw .notACertificate
        }
        return String(decoding: bytes(ofMemory: output), as: UTF8.self)
    }

    /// A name for a sentence: as RFC 2253 in ASCII, and short, whatever a stranger's certificate holds.
    static func shortText(ofName name: OpaquePointer?) -> String {
        guard let name, let output = try? memory(),
            X509_NAME_print_ex(output.handle, name, 0, ecluse_ascii_name_flags()) >= 0
        else { return "of an unreadable name" }
        return String(decoding: bytes(ofMemory: output).prefix(200), as: UTF8.self)
    }

    /// The first value of a name's attribute, as UTF-8; nil when it has none.
    static func attribute(_ identifier: Int32, ofName name: OpaquePointer?) -> String? {
        let index = X509_NAME_get_index_by_NID(name, identifier, -1)
        guard index >= 0, let entry = X509_NAME_get_entry(name, index),
            let value = X509_NAME_ENTRY_get_data(entry)
        else { return nil }
        var buffer: UnsafeMutablePointer<UInt8>?
        let count = ASN1_STRING_to_UTF8(&buffer, value)
        guard count >= 0, let buffer else { return nil }
        defer { CRYPTO_free(buffer, nil, 0) }
        return String(decoding: UnsafeBufferPointer(start: buffer, count: Int(count)), as: UTF8.self)
    }

    static func memory() throws(CertificateFault) -> OpenSSLOwner {
        try OpenSSLOwner.make("making a memory buffer", BIO_new(BIO_s_mem())) { _ = BIO_free($0) }
    }

    /// A read-only buffer over a copy of `bytes`.
    static func memory(_ bytes: [UInt8]) throws(CertificateFault) -> OpenSSLOwner {
        let owner = try memory()
        guard let count = Int32(exactly: bytes.count) else { throw .internalFault("The file is too large.") }
        guard count == 0 || BIO_write(owner.handle, bytes, count) == count else {
            throw OpenSSLErrors.fault("filling a memory buffer")
        }
        return owner
    }

    static func bytes(ofMemory memory: borrowing OpenSSLOwner) -> [UInt8] {
        var start: UnsafeMutablePointer<CChar>?
        let count = ecluse_bio_bytes(memory.handle, &start)
        guard count > 0, let start else { return [] }
        return Array(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// Calls an `i2d_…` function: DER of an object.
    static func der(_ encode: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> Int32) -> [UInt8]? {
        var buffer: UnsafeMutablePointer<UInt8>?
        let count = encode(&buffer)
        guard count > 0, let buffer else { return nil }
        defer { CRYPTO_free(buffer, nil, 0) }
        return Array(UnsafeBufferPointer(start: buffer, count: Int(count)))
    }

    /// Calls a `d2i_…` function over all of `der`; nil when it refuses or leaves bytes.
    static func decode(
        _ der: [UInt8], _ decode: (UnsafeMutablePointer<UnsafePointer<UInt8>?>, Int) -> OpaquePointer?,
        free: @escaping (OpaquePointer) -> Void
    ) -> OpaquePointer? {
        der.withUnsafeBufferPointer { buffer in
            var position = buffer.baseAddress
            guard let end = position.map({ $0 + buffer.count }), let handle = decode(&position, buffer.count)
            else {
                return nil
            }
            if position == end { return handle }
            free(handle)
            return nil
        }
    }
}
