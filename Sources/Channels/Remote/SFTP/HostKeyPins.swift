internal import CLibSSH
internal import Foundation

/// The host keys that one server may show, as fingerprints.
struct HostKeyPins {
    /// Of a known_hosts file; bytes.
    private static let longestFile = 1 << 20

    private(set) var pinned: Set<String> = []
    private(set) var revoked: Set<String> = []
    /// Kinds of the pinned keys, where these are known.
    private var kinds: Set<String> = []

    init(_ hostKeys: SFTPHostKeys, host: String, port: Int) throws(RemoteFault) {
        switch hostKeys {
        case .fingerprints(let fingerprints):
            for fingerprint in fingerprints { pinned.insert(try HostKeyPins.checked(fingerprint)) }
        case .knownHosts(let path): try read(path, host: host, port: port)
        }
    }

    /// Asks first for keys of the kinds that are pinned, then for the others, so that an unknown key is seen and can
    /// be shown.
    var algorithms: String {
        let all = SSHClientAlgorithms.hostKey
        let isPinned = { (algorithm: String) in kinds.contains(SSHClientAlgorithms.kind(of: algorithm)) }
        return (all.filter(isPinned) + all.filter { !isPinned($0) }).joined(separator: ",")
    }

    private static func checked(_ fingerprint: String) throws(RemoteFault) -> String {
        let trimmed = String(fingerprint.reversed().drop { $0 == "=" }.reversed())
        guard trimmed.hasPrefix("SHA256:"), trimmed.count == 50,
            Data(base64Encoded: trimmed.dropFirst(7) + "=")?.count == 32
        else {
            throw RemoteFault(.untrusted, "“\(fingerprint)” is not a fingerprint: SHA256: and 43 characters")
        }
        return trimmed
    }

    private mutating func read(_ path: String, host: String, port: Int) throws(RemoteFault) {
        let text: [UInt8]
        do throws(SmallFileFault) {
            text = try readSmallFile(path, atMost: HostKeyPins.longestFile)
        } catch {
            throw RemoteFault(.untrusted, "the host keys in \(path) cannot be read: \(error.reason)")
        }
        let name = port == 22 ? host.lowercased() : "[\(host.lowercased())]:\(port)"
        for line in text.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            let words = String(decoding: line, as: UTF8.self).split(whereSeparator: \.isWhitespace)
            guard let first = words.first, !first.hasPrefix("#") else { continue }
            let isRevocation = first == "@revoked"
            guard isRevocation || !first.hasPrefix("@") else { continue }
            try take(isRevocation ? words.dropFirst() : words[...], for: name, isRevocation, in: path)
        }
    }

    private mutating func take(
        _ words: ArraySlice<Substring>, for name: String, _ isRevocation: Bool, in path: String
    ) throws(RemoteFault) {
        // libssh takes a host that a negated pattern excludes when another pattern has it.
        guard let hosts = words.first, isRevocation || !hosts.contains("!") else { return }
        var found: UnsafeMutablePointer<ssh_knownhosts_entry>?
        let rc = ssh_known_hosts_parse_line(name, words.joined(separator: " "), &found)
        guard rc == SSH_OK, let entry = found else {
            guard !isRevocation || rc == SSH_AGAIN else {
                throw RemoteFault(.untrusted, "a line with @revoked in \(path) cannot be understood")
            }
            return
        }
        defer { ssh_knownhosts_entry_free(entry) }
        guard let fingerprint = sshFingerprint(of: entry.pointee.publickey) else { return }
        if isRevocation {
            revoked.insert(fingerprint)
        } else {
            pinned.insert(fingerprint)
            kinds.insert(sshKind(of: entry.pointee.publickey))
        }
    }
}

/// `SHA256:` and the digest of the public key in base64 without padding, as `ssh-keygen -l` shows it.
func sshFingerprint(of key: ssh_key) -> String? {
    var found: UnsafeMutablePointer<UInt8>?
    var length = 0
    guard ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &found, &length) == SSH_OK, let hash = found
    else {
        return nil
    }
    defer { ssh_clean_pubkey_hash(&found) }
    return "SHA256:" + Data(bytes: hash, count: length).base64EncodedString().prefix { $0 != "=" }
}

/// `ssh-ed25519`, `ecdsa-sha2-nistp256` and so on, `ssh-rsa`.
func sshKind(of key: ssh_key) -> String {
    ssh_key_type_to_char(ssh_key_type(key)).map { String(cString: $0) } ?? "unknown"
}
