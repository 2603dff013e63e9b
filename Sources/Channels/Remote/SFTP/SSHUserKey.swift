internal import CLibSSH
internal import Foundation

/// A private key in memory, with its certificate or without. Owns its handle.
final class SSHUserKey {
    /// Of a key or certificate file; bytes.
    private static let longestFile = 64 * 1024

    let handle: ssh_key

    private init(owning handle: ssh_key) {
        self.handle = handle
    }

    deinit { ssh_key_free(handle) }

    /// Reads a key in OpenSSH or PEM form. Faults name the file and what is wrong with it, never the passphrase.
    static func read(_ path: String, passphrase: Secret?) throws(RemoteFault) -> SSHUserKey {
        let text = try read(path)
        let isEncrypted = isEncryptedKey(text)
        guard !isEncrypted || passphrase != nil else {
            throw RemoteFault(.notAdmitted, "the key \(path) needs a passphrase")
        }
        var key: ssh_key?
        // Without the callback OpenSSL would ask at the terminal of the process.
        let rc = ssh_pki_import_privkey_base64(
            text, isEncrypted ? passphrase?.revealed : nil, { _, _, _, _, _, _ in -1 }, nil, &key)
        guard rc == SSH_OK, let key else {
            throw RemoteFault(
                .notAdmitted,
                isEncrypted
                    ? "the key \(path) does not open with the passphrase given"
                    : "\(path) is not a private key in OpenSSH or PEM form")
        }
        return SSHUserKey(owning: key)
    }

    /// Adds the certificate in `path`.
    func certify(with path: String) throws(RemoteFault) {
        let words = try SSHUserKey.read(path).split(whereSeparator: \.isWhitespace)
        var certificate: ssh_key?
        guard words.count >= 2,
            ssh_pki_import_cert_base64(
                String(words[1]), ssh_key_type_from_name(String(words[0])), &certificate) == SSH_OK,
            let certificate
        else { throw RemoteFault(.notAdmitted, "\(path) is not a certificate of OpenSSH") }
        defer { ssh_key_free(certificate) }
        guard isSubject(of: words[1]), ssh_pki_copy_cert_to_privkey(certificate, handle) == SSH_OK else {
            throw RemoteFault(.notAdmitted, "the certificate \(path) belongs to another key")
        }
    }

    /// Whether a certificate is one of this key, which libssh does not look at: after its type and a nonce come the
    /// fields of the public key (OpenSSH `PROTOCOL.certkeys`), which there follow its type.
    private func isSubject(of certificate: Substring) -> Bool {
        var text: UnsafeMutablePointer<CChar>?
        guard ssh_pki_export_pubkey_base64(handle, &text) == SSH_OK, let text else { return false }
        defer { ssh_string_free_char(text) }
        guard let fields = SSHUserKey.fields(of: String(cString: text), after: 1), !fields.isEmpty else {
            return false
        }
        return SSHUserKey.fields(of: String(certificate), after: 2)?.starts(with: fields) == true
    }

    /// What comes after the first `count` strings of a blob in base64.
    private static func fields(of text: String, after count: Int) -> Data? {
        guard let blob = Data(base64Encoded: text) else { return nil }
        let start = blob.withUnsafeBytes { bytes in
            var reader = SFTPFieldReader(bytes)
            for _ in 0..<count where (try? reader.stringRange()) == nil { return bytes.count }
            return reader.position
        }
        return blob.dropFirst(start)
    }

    private static func read(_ path: String) throws(RemoteFault) -> String {
        do throws(SmallFileFault) {
            return String(decoding: try readSmallFile(path, atMost: longestFile), as: UTF8.self)
        } catch {
            throw RemoteFault(.notAdmitted, "\(path) cannot be read: \(error.reason)")
        }
    }
}

/// What is shown to a server, read and ready.
enum SSHProof {
    case password(Secret)
    /// In the order they are offered; the path is for people.
    case keys([SSHUserKey], path: String)
    case agent

    init(_ proof: RemoteLogIn.Proof) throws(RemoteFault) {
        switch proof {
        case .password(let password): self = .password(password)
        case .agent: self = .agent
        case .keyFile(let path, let passphrase):
            let key = try SSHUserKey.read(path, passphrase: passphrase)
            let certificate = path + "-cert.pub"
            guard access(certificate, F_OK) == 0 else {
                self = .keys([key], path: path)
                return
            }
            let certified = try SSHUserKey.read(path, passphrase: passphrase)
            try certified.certify(with: certificate)
            self = .keys([certified, key], path: path)
        }
    }
}
