internal import CLibCrypt

/// A password as it is stored and as FTP servers read it: salted, slow, in the form of crypt(3).
///
/// The scheme is yescrypt: Debian's libcrypt has it, through which ProFTPD, pam_pwdfile and pure-ftpd judge a log-in.
public struct PasswordHash: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    /// The one way to the text: `$y$…`, of `[./0-9A-Za-z$]` alone.
    public let crypt: String

    /// Memory 32 MiB and about 60 ms of one core for every log-in: ten times what a network log-in costs besides, and
    /// no more memory than a server with fifty log-ins at once can spare.
    private static let cost: UInt = 6
    private static let scheme = "$y$"

    /// Takes the time that it is meant to cost whoever guesses; not for a transaction.
    init(of password: FTPPassword) throws(RegistryFault) {
        var setting = [CChar](repeating: 0, count: Int(CRYPT_OUTPUT_SIZE))
        guard ecluse_crypt_setting(PasswordHash.scheme, PasswordHash.cost, &setting) == 0,
            let hash = PasswordHash.hash(password.text, under: setting)
        else { throw .unavailable("libcrypt has no yescrypt") }
        crypt = String(decoding: hash, as: UTF8.self)
    }

    /// A stored one; nil unless it has the form.
    init?(stored text: String) {
        let isPlain = { (byte: UInt8) in
            byte == 0x24 || (0x2E...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                || (0x61...0x7A).contains(byte)
        }
        guard text.hasPrefix(PasswordHash.scheme), text.utf8.allSatisfy(isPlain) else { return nil }
        crypt = text
    }

    /// Whether this is the hash of `text`, in a time that does not depend on how much of it is right.
    public func matches(_ text: String) -> Bool {
        guard !text.utf8.contains(0), let hash = PasswordHash.hash(text, under: Array(crypt.utf8CString))
        else {
            return false
        }
        let known = Array(crypt.utf8)
        guard hash.count == known.count else { return false }
        return zip(hash, known).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    public var description: String { "(password hash)" }
    public var customMirror: Mirror { Mirror(self, children: []) }

    private static func hash(_ text: String, under setting: [CChar]) -> [UInt8]? {
        var hash = [CChar](repeating: 0, count: Int(CRYPT_OUTPUT_SIZE))
        guard ecluse_crypt(text, setting, &hash) == 0 else { return nil }
        return hash.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    }
}
