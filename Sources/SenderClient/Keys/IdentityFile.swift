public import Channels
internal import Foundation
internal import Validation

/// A private key for logging in, in a file.
public struct IdentityFile: Sendable, Hashable {
    public let path: String

    public init(_ path: String) {
        self.path = path
    }

    private static let largest = 65_536

    /// The proof for a log-in; the passphrase of a locked key is read from `secret`.
    public func proof(secret: SecretSource) throws(SecretFault) -> RemoteLogIn.Proof {
        guard let handle = FileHandle(forReadingAtPath: path),
            let bytes = try? handle.read(upToCount: IdentityFile.largest), !bytes.isEmpty
        else { throw SecretFault("\(path) cannot be read") }
        guard isEncryptedKey(String(decoding: bytes, as: UTF8.self)) else {
            return .keyFile(path: path, passphrase: nil)
        }
        return .keyFile(
            path: path, passphrase: Secret(revealing: try secret.read(prompt: "Passphrase of \(path)")))
    }

    /// The same key in a TLS handshake, with the certificate in a PEM file.
    public func handshake(
        certificate: String, secret: SecretSource
    ) throws(SecretFault) -> HTTPSSettings.Identity {
        guard case .keyFile(_, let passphrase) = try proof(secret: secret) else {
            return HTTPSSettings.Identity(certificate: certificate, key: path)
        }
        return HTTPSSettings.Identity(certificate: certificate, key: path, passphrase: passphrase)
    }
}

extension Secret {
    /// The text of a passphrase, for a library that wants text: this copy is not overwritten.
    init(revealing passphrase: Passphrase) {
        self.init(passphrase.withCString { String(cString: $0) })
    }
}
