internal import Foundation

// Keys of users and hosts, made by `ssh-keygen`.
extension OpenSSHServer {
    private static let keyProgram = "/usr/bin/ssh-keygen"

    /// Makes a key pair at `path` and `path.pub`. `kind` as `ssh-keygen -t` has it; RSA of 2048 bits.
    public static func makeKey(_ path: String, kind: String, passphrase: String = "", _ more: [String] = [])
        throws
    {
        let bits = kind == "rsa" ? ["-b", "2048"] : []
        try ServerTool.run(
            keyProgram, ["-q", "-t", kind] + bits + ["-N", passphrase, "-C", "test", "-f", path] + more,
            in: directory(of: path))
    }

    /// Makes the certificate `path-cert.pub` of the key `path.pub` for a user, signed by the key `authority`.
    public static func certify(_ path: String, for user: String, by authority: String) throws {
        try ServerTool.run(
            keyProgram, ["-q", "-s", authority, "-I", "test", "-n", user, "-V", "-1h:+1h", path + ".pub"],
            in: directory(of: path))
    }

    /// `SHA256:…` of a public key file.
    public static func fingerprint(of path: String) throws -> String {
        let process = try ServerProcess(keyProgram, ["-l", "-f", path], log: path + ".\(UUID().uuidString)")
        defer { unlink(process.logPath) }
        guard process.awaitEnd(seconds: 120) == 0,
            let word = process.log.split(separator: " ").first(where: { $0.hasPrefix("SHA256:") })
        else { throw ServerProcess.Fault("no fingerprint of \(path): \(process.log)") }
        return String(word)
    }

    private static func directory(of path: String) -> String {
        URL(fileURLWithPath: path).deletingLastPathComponent().path
    }
}
