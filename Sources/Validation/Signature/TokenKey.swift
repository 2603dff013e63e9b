internal import COpenSSL
public import Exchange
internal import Synchronization

/// A key that stays on its token – a smart card, an HSM – and signs there, by way of OpenSSL's engine for PKCS#11.
public struct TokenKey: Sendable {
    public let key: SigningKey
    /// The certificate under the same address, when the token has it.
    public let certificate: CertificateFacts?

    /// Logs in at the token, once: a wrong PIN is never tried again, as tokens lock themselves after a few.
    ///
    /// Meant for one token in the life of a process: the engine keeps a PIN that was right, the token stays logged in,
    /// and tokens that were not there when the first key was opened are not seen.
    ///
    /// - Parameters:
    ///   - module: the PKCS#11 library of the token, the path of a `.so`; the first one used stays for the process.
    ///   - pin: nil for a token with a keyboard of its own, or without a log-in.
    /// - Throws: `.tokenUnavailable`, `.notOnToken`, `.passphraseWanted`, `.wrongPassphrase`, `.certificate`.
    public static func open(
        _ address: TokenAddress, module: String, pin: Passphrase?
    ) throws(KeyFault) -> TokenKey {
        ERR_clear_error()
        defer { ERR_clear_error() }
        let engine = try TokenEngine(module: module, pin: pin)
        guard let handle = ecluse_engine_key(engine.handle, address.text(of: .key)) else {
            throw fault(address, hadPIN: pin != nil)
        }
        let key = SigningKey(owning: OpenSSLOwner(owning: handle) { EVP_PKEY_free($0) }, on: engine)
        return TokenKey(key: key, certificate: try certificate(engine, address))
    }

    private static func fault(_ address: TokenAddress, hadPIN: Bool) -> KeyFault {
        let words = OpenSSLErrors.drain()
        // Private keys cannot be seen before the log-in: without a PIN nobody knows whether the key is there.
        guard hadPIN else { return .passphraseWanted }
        if words.contains("PIN") { return .wrongPassphrase }
        return .notOnToken("There is no key at \(address)\(words.isEmpty ? "" : ": \(words)").")
    }

    private static func certificate(
        _ engine: TokenEngine, _ address: TokenAddress
    ) throws(KeyFault) -> CertificateFacts? {
        guard let handle = ecluse_engine_certificate(engine.handle, address.text(of: .certificate)) else {
            return nil
        }
        let certificate = OpenSSLOwner(owning: handle) { X509_free($0) }
        guard let der = OpenSSLValue.der({ i2d_X509(certificate.handle, $0) }) else { return nil }
        do {
            return try CertificateFacts.read(der)
        } catch {
            throw .certificate(error)
        }
    }
}

/// OpenSSL's engine for PKCS#11, started with one module and logged in. Owns a structural and a functional reference.
///
/// `@unchecked Sendable`: nothing changes after `init`; the engine has locks of its own.
final class TokenEngine: @unchecked Sendable {
    let handle: OpaquePointer

    /// The engine loads one module in the life of a process, and passes over any other in silence.
    private static let module = Mutex<String?>(nil)

    init(module: String, pin: Passphrase?) throws(KeyFault) {
        guard let handle = ecluse_engine_find("pkcs11") else {
            throw .tokenUnavailable(
                "OpenSSL has no engine for PKCS#11 (Debian: the package libengine-pkcs11-openssl).")
        }
        self.handle = handle
        let isOther = TokenEngine.module.withLock { known in
            defer { known = known ?? module }
            return known != nil && known != module
        }
        guard !isOther else {
            ecluse_engine_free(handle)
            throw .tokenUnavailable("Another PKCS#11 module than \(module) is in use already.")
        }
        guard ecluse_engine_command(handle, "MODULE_PATH", module) == 1,
            ecluse_engine_command(handle, "QUIET", nil) == 1,
            TokenEngine.set(pin, handle), ecluse_engine_start(handle) == 1
        else {
            let words = OpenSSLErrors.drain()
            ecluse_engine_free(handle)
            throw .tokenUnavailable(
                "The PKCS#11 module \(module) cannot be used\(words.isEmpty ? "" : ": \(words)").")
        }
    }

    deinit {
        ecluse_engine_finish(handle)
        ecluse_engine_free(handle)
    }

    private static func set(_ pin: Passphrase?, _ handle: OpaquePointer) -> Bool {
        guard let pin else { return true }
        return pin.withCString { ecluse_engine_command(handle, "PIN", $0) == 1 }
    }
}
