public import Exchange
internal import Foundation
public import Validation

/// Where the key that signs is: what `--key` names.
public enum KeySource: Sendable, Hashable {
    /// PEM, DER or PKCS#12.
    case file(String)
    /// A key on a token, `pkcs11:…`.
    case token(TokenAddress)

    /// - Throws: `.address` for a `pkcs11:` URI that is none, or holds a PIN.
    public init(_ text: String) throws(KeyFault) {
        self = TokenAddress.isAddress(text) ? .token(try TokenAddress(text)) : .file(text)
    }

    /// Opens the key. The secret is asked for only when it is needed, and once.
    ///
    /// - Parameters:
    ///   - certificate: the file of the certificate, PEM or DER; nil when the key brings its own.
    ///   - module: the PKCS#11 module when the address names none.
    public func open(certificate: String?, module: String?, secret: SecretSource) throws(KeyOpeningFault)
        -> OpenKey
    {
        let (key, own, chain) = try read(module: module, secret: secret)
        guard let facts = try certificate.map(KeySource.certificate) ?? own else {
            throw KeyOpeningFault("the key brings no certificate; give its file")
        }
        guard key.isKey(of: facts) else { throw KeyOpeningFault(KeyFault.notOfCertificate.description) }
        return OpenKey(key: key, certificate: facts, chain: chain)
    }

    private func read(
        module: String?, secret: SecretSource
    ) throws(KeyOpeningFault) -> (SigningKey, CertificateFacts?, [[UInt8]]) {
        switch self {
        case .file(let path):
            let bytes = try KeySource.bytes(of: path)
            let file = try unlocking("Passphrase of \(path)", secret) { (passphrase) throws(KeyFault) in
                try KeyFile.read(bytes, passphrase: passphrase)
            }
            return (file.key, file.certificate, file.chain)
        case .token(let address):
            guard let module = address.module ?? module else {
                throw KeyOpeningFault(
                    "no PKCS#11 module is named; give --pkcs11-module or set PKCS11_MODULE_PATH")
            }
            let secret = address.pinFile.map { SecretSource.file($0) } ?? secret
            let token = try unlocking("PIN for \(address)", secret) { (pin) throws(KeyFault) in
                try TokenKey.open(address, module: module, pin: pin)
            }
            return (token.key, token.certificate, [])
        }
    }

    private func unlocking<Result>(
        _ prompt: String, _ secret: SecretSource, _ open: (Passphrase?) throws(KeyFault) -> Result
    ) throws(KeyOpeningFault) -> Result {
        do throws(KeyFault) {
            return try open(nil)
        } catch {
            guard error == .passphraseWanted else { throw KeyOpeningFault(error.description) }
        }
        let passphrase: Passphrase
        do throws(SecretFault) {
            passphrase = try secret.read(prompt: prompt)
        } catch {
            throw KeyOpeningFault(error.description)
        }
        do throws(KeyFault) {
            return try open(passphrase)
        } catch {
            throw KeyOpeningFault(error.description)
        }
    }

    private static func bytes(of path: String) throws(KeyOpeningFault) -> [UInt8] {
        guard let handle = FileHandle(forReadingAtPath: path),
            let data = try? handle.read(upToCount: KeyFile.largest + 1)
        else { throw KeyOpeningFault("\(path) cannot be read") }
        return Array(data)
    }

    private static func certificate(_ path: String) throws(KeyOpeningFault) -> CertificateFacts {
        let bytes = try bytes(of: path)
        do throws(CertificateFault) {
            return try CertificateFacts.read(bytes)
        } catch {
            throw KeyOpeningFault("\(path): \(error.sentence)")
        }
    }
}

/// A key ready to sign, with the certificate it signs for.
public struct OpenKey: Sendable {
    public let key: SigningKey
    public let certificate: CertificateFacts
    /// DER of certificates that lead to the authority of the certificate.
    public let chain: [[UInt8]]

    /// Signs FI files with it.
    public func documentSigner() throws(KeyOpeningFault) -> DocumentSigner {
        do throws(CertificateFault) {
            return try DocumentSigner(key: key, certificate: certificate, chain: chain)
        } catch {
            throw KeyOpeningFault(error.sentence)
        }
    }
}

/// Why a key could not be opened, in one English sentence without any secret.
public struct KeyOpeningFault: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
