internal import CLibSSH
internal import Foundation

/// The algorithms offered, best first: nothing with SHA-1 or CBC (domain 9.14), and no exchange over a finite
/// field, whose larger groups cost a stranger little and this machine a tenth of a second before any log-in.
enum SSHAlgorithms {
    static let keyExchange = """
        curve25519-sha256,curve25519-sha256@libssh.org,\
        ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521
        """
    static let hostKey = "ssh-ed25519,rsa-sha2-512,rsa-sha2-256"
    static let userKey = """
        ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,rsa-sha2-512,rsa-sha2-256
        """
    static let cipher = """
        chacha20-poly1305@openssh.com,aes256-gcm@openssh.com,aes128-gcm@openssh.com,\
        aes256-ctr,aes192-ctr,aes128-ctr
        """
    static let authentication = """
        hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha2-256,hmac-sha2-512
        """
    /// Of a user's or the host's key (domain 9.14).
    static let shortestRSA: Int32 = 2048
}

/// What new connections have in common: host keys and algorithms. One owner, used by one thread at a time.
struct SSHTransport: ~Copyable {
    private let bind: ssh_bind

    private init(owning bind: ssh_bind) {
        self.bind = bind
    }

    deinit { ssh_bind_free(bind) }

    static func make(hostKeyFiles: [String]) throws(SFTPServerFault) -> SSHTransport {
        guard let bind = ssh_bind_new() else { throw .system("libssh: out of memory") }
        let transport = SSHTransport(owning: bind)
        guard ecluse_bind_without_configuration_file(bind) == SSH_OK else { throw transport.fault() }
        var shortest = SSHAlgorithms.shortestRSA
        guard ssh_bind_options_set(bind, SSH_BIND_OPTIONS_RSA_MIN_SIZE, &shortest) == SSH_OK else {
            throw transport.fault()
        }
        try transport.set(SSH_BIND_OPTIONS_BANNER, "Ecluse")
        try transport.set(SSH_BIND_OPTIONS_KEY_EXCHANGE, SSHAlgorithms.keyExchange)
        try transport.set(SSH_BIND_OPTIONS_HOSTKEY_ALGORITHMS, SSHAlgorithms.hostKey)
        try transport.set(SSH_BIND_OPTIONS_PUBKEY_ACCEPTED_KEY_TYPES, SSHAlgorithms.userKey)
        try transport.set(SSH_BIND_OPTIONS_CIPHERS_C_S, SSHAlgorithms.cipher)
        try transport.set(SSH_BIND_OPTIONS_CIPHERS_S_C, SSHAlgorithms.cipher)
        try transport.set(SSH_BIND_OPTIONS_HMAC_C_S, SSHAlgorithms.authentication)
        try transport.set(SSH_BIND_OPTIONS_HMAC_S_C, SSHAlgorithms.authentication)
        guard !hostKeyFiles.isEmpty else { throw .hostKey(path: "", reason: "no host key is configured") }
        for path in hostKeyFiles { try transport.importKey(path) }
        return transport
    }

    /// A non-blocking session on the connected socket `descriptor`, which it owns from here on, also when it
    /// fails.
    borrowing func session(on descriptor: Int32) -> ssh_session? {
        guard let session = ssh_new() else {
            close(descriptor)
            return nil
        }
        guard ssh_bind_accept_fd(bind, session, descriptor) == SSH_OK else {
            let isOwned = ssh_get_fd(session) == descriptor
            ssh_free(session)
            if !isOwned { close(descriptor) }
            return nil
        }
        ssh_set_blocking(session, 0)
        return session
    }

    private borrowing func importKey(_ path: String) throws(SFTPServerFault) {
        var key: ssh_key?
        guard ssh_pki_import_privkey_file(path, nil, nil, nil, &key) == SSH_OK, let key else {
            throw .hostKey(path: path, reason: "not a readable private key without passphrase")
        }
        let kind = ssh_key_type(key)
        guard kind == SSH_KEYTYPE_ED25519 || kind == SSH_KEYTYPE_RSA else {
            ssh_key_free(key)
            throw .hostKey(path: path, reason: "neither Ed25519 nor RSA")
        }
        guard ssh_bind_options_set(bind, SSH_BIND_OPTIONS_IMPORT_KEY, UnsafeRawPointer(key)) == SSH_OK else {
            ssh_key_free(key)
            throw .hostKey(path: path, reason: reason())
        }
    }

    private borrowing func set(_ option: ssh_bind_options_e, _ value: String) throws(SFTPServerFault) {
        guard ssh_bind_options_set(bind, option, value) == SSH_OK else { throw fault() }
    }

    private borrowing func fault() -> SFTPServerFault { .system("libssh: \(reason())") }

    private borrowing func reason() -> String {
        guard let text = ssh_get_error(UnsafeMutableRawPointer(bind)) else { return "unknown error" }
        return String(cString: text)
    }
}
