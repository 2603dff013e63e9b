internal import CLibSSH

extension SSHConnection {
    /// Ends with `.untrusted` unless the server's key is pinned; nothing about us has been said so far.
    func checkHostKey(against pins: HostKeyPins, of address: String) throws(RemoteFault) {
        var found: ssh_key?
        guard ssh_get_server_publickey(session, &found) == SSH_OK, let key = found else {
            throw fault(.untrusted, address)
        }
        defer { ssh_key_free(key) }
        guard let fingerprint = sshFingerprint(of: key) else { throw fault(.untrusted, address) }
        let shown = "\(address) shows the \(sshKind(of: key)) host key \(fingerprint)"
        guard !pins.revoked.contains(fingerprint) else {
            throw RemoteFault(.untrusted, "\(shown), which is marked as revoked")
        }
        guard pins.pinned.contains(fingerprint) else {
            throw RemoteFault(.untrusted, "\(shown), which is not pinned for it")
        }
    }

    /// An agent is spoken to by libssh, which waits for it: one that asks its owner holds this thread meanwhile.
    func logIn(with proof: SSHProof, as user: String, at address: String) throws(RemoteFault) {
        // Also brings the list of what the server takes, and the signatures it understands (RFC 8308), without which
        // an RSA key would be used with SHA-1.
        guard try !attempt(address, { ssh_userauth_none(session, nil) }) else { return }
        switch proof {
        case .password(let password):
            guard try !attempt(address, { ssh_userauth_password(session, nil, password.revealed) }) else {
                return
            }
            throw notAdmitted(user, with: "the password", at: address)
        case .agent:
            guard try !attempt(address, { ssh_userauth_agent(session, nil) }) else { return }
            throw notAdmitted(user, with: "any key of the agent", at: address)
        case .keys(let keys, let path):
            for key in keys {
                guard try !attempt(address, { ssh_userauth_publickey(session, nil, key.handle) }) else {
                    return
                }
            }
            throw notAdmitted(user, with: "the key \(path)", at: address)
        }
    }

    /// False when the server wants something else, or more.
    private func attempt(_ address: String, _ call: () -> Int32) throws(RemoteFault) -> Bool {
        let deed = "log-in at \(address)"
        switch try complete(pending: SSH_AUTH_AGAIN.rawValue, deed, call) {
        case SSH_AUTH_SUCCESS.rawValue: return true
        case SSH_AUTH_DENIED.rawValue, SSH_AUTH_PARTIAL.rawValue, SSH_AUTH_INFO.rawValue: return false
        default: throw fault(isBroken ? .brokenOff : .notAdmitted, deed)
        }
    }

    private func notAdmitted(_ user: String, with proof: String, at address: String) -> RemoteFault {
        let offered = UInt32(bitPattern: ssh_userauth_list(session, nil))
        let methods = [
            (SSH_AUTH_METHOD_PUBLICKEY, "keys"), (SSH_AUTH_METHOD_PASSWORD, "passwords"),
            (SSH_AUTH_METHOD_INTERACTIVE, "questions and answers"),
        ].filter { offered & UInt32($0.0) != 0 }.map(\.1)
        let taken = methods.isEmpty ? "" : "; it takes " + methods.joined(separator: ", ")
        return RemoteFault(.notAdmitted, "\(address) does not admit \(user) with \(proof)\(taken)")
    }
}
