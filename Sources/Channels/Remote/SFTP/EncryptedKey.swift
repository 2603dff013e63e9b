/// Whether the text of a file with a private key says that a passphrase opens it.
///
/// OpenSSH's form begins with its name and that of the cipher, `none` for no cipher (OpenSSH `PROTOCOL.key`); the PEM
/// forms say ENCRYPTED in words (RFC 1421, RFC 7468).
public func isEncryptedKey(_ text: String) -> Bool {
    guard text.contains("BEGIN OPENSSH PRIVATE KEY") else { return text.contains("ENCRYPTED") }
    return !text.contains("b3BlbnNzaC1rZXktdjEAAAAABG5vbmU")
}
