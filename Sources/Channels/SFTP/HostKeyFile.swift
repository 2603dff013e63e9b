internal import CLibSSH
internal import Glibc

/// Makes the private keys an SFTP server proves itself with.
public enum HostKeyFile {
    public enum Kind: Sendable {
        case ed25519
        /// 3072 bits.
        case rsa
    }

    /// Writes a new key, readable by the owner only, and its public half with `.pub` appended.
    public static func make(_ kind: Kind, at path: String) throws(SFTPServerFault) {
        var key: ssh_key?
        let (type, bits): (ssh_keytypes_e, Int32) =
            switch kind {
            case .ed25519: (SSH_KEYTYPE_ED25519, 0)
            case .rsa: (SSH_KEYTYPE_RSA, 3072)
            }
        guard ssh_pki_generate(type, bits, &key) == SSH_OK, let key else {
            throw .hostKey(path: path, reason: "the key could not be generated")
        }
        defer { ssh_key_free(key) }
        let mask = umask(0o077)
        defer { umask(mask) }
        guard ssh_pki_export_privkey_file(key, nil, nil, nil, path) == SSH_OK else {
            throw .hostKey(path: path, reason: "the key could not be written")
        }
        guard ssh_pki_export_pubkey_file(key, path + ".pub") == SSH_OK else {
            throw .hostKey(path: path + ".pub", reason: "the public key could not be written")
        }
    }
}
