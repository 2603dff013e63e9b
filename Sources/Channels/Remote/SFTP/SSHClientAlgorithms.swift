/// What this side offers as a client: the algorithms of our own server, and the kinds of keys of others.
enum SSHClientAlgorithms {
    /// Best first.
    static let hostKey = [
        "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
        "rsa-sha2-512", "rsa-sha2-256",
    ]

    /// With certificates. An RSA key signs with SHA-2 or not at all (RFC 8332).
    static let userKey =
        ([
            "ssh-ed25519-cert-v01@openssh.com", "ecdsa-sha2-nistp256-cert-v01@openssh.com",
            "ecdsa-sha2-nistp384-cert-v01@openssh.com", "ecdsa-sha2-nistp521-cert-v01@openssh.com",
            "rsa-sha2-512-cert-v01@openssh.com", "rsa-sha2-256-cert-v01@openssh.com",
        ] + [SSHAlgorithms.userKey]).joined(separator: ",")

    /// The kind of key that signs with an algorithm.
    static func kind(of algorithm: String) -> String {
        algorithm.hasPrefix("rsa-sha2-") ? "ssh-rsa" : algorithm
    }
}
