import Foundation
import TestServers
import Testing

@testable import Channels

@Suite(.enabled(if: OpenSSHServer.isInstalled))
struct SFTPClientHostKeyTests {
    private static func open(_ stand: SFTPStand, _ keys: SFTPHostKeys) -> RemoteFault? {
        fault { () throws(RemoteFault) in
            try stand.client { $0.hostKeys = keys }.connect(as: stand.logIn()).close()
        }
    }

    @Test(arguments: ["ed25519", "rsa", "ecdsa"])
    func `a key pinned by its fingerprint is trusted`(kind: String) throws {
        let stand = try SFTPStand { $0.hostKeyKinds = [kind] }
        let pin = try stand.server.fingerprint(kind)
        #expect(Self.open(stand, .fingerprints([pin])) == nil)
        #expect(
            Self.open(stand, .fingerprints(["SHA256:" + String(repeating: "A", count: 43), pin + "="])) == nil
        )
    }

    @Test func `an unknown key is not trusted, and the sentence shows it`() throws {
        let stand = try SFTPStand()
        let shown =
            "127.0.0.1:\(stand.server.port) shows the ssh-ed25519 host key "
            + "\(try stand.server.fingerprint()), which is not pinned for it"
        let empty = try stand.directory.write([], to: "empty")
        let elsewhere = "[127.0.0.2]" + Self.line(stand).drop { $0 != ":" }
        let other = try stand.directory.write(elsewhere.utf8, to: "other")
        for keys in [
            SFTPHostKeys.fingerprints([]), .fingerprints(["SHA256:" + String(repeating: "A", count: 43)]),
            .knownHosts(path: empty), .knownHosts(path: other),
        ] {
            let found = try #require(Self.open(stand, keys))
            #expect(found.kind == .untrusted)
            #expect(found.sentence == shown)
        }
        // Nobody was asked for, and nothing was learnt.
        #expect(!stand.server.log.contains("user \(stand.server.user)"))
        #expect(try stand.directory.read("empty").isEmpty)
    }

    @Test func `a key other than the pinned one is not trusted`() throws {
        let stand = try SFTPStand()
        try OpenSSHServer.makeKey(stand.directory.file("k"), kind: "ed25519")
        let key = try String(contentsOfFile: stand.directory.file("k.pub"), encoding: .utf8)
        let file = try stand.directory.write("[127.0.0.1]:\(stand.server.port) \(key)".utf8, to: "known")
        #expect(Self.open(stand, .knownHosts(path: file))?.kind == .untrusted)
    }

    @Test(arguments: ["rsa", "ecdsa"])
    func `the server is asked for the kind of key that the file has`(kind: String) throws {
        let stand = try SFTPStand { $0.hostKeyKinds = ["ed25519", "rsa", "ecdsa"] }
        let lines = try String(contentsOfFile: stand.server.knownHosts, encoding: .utf8)
            .split(separator: "\n").filter { $0.contains("-\(kind)") || $0.contains("\(kind)-") }
        #expect(lines.count == 1)
        let file = try stand.directory.write(lines.joined(separator: "\n").utf8, to: "known")
        #expect(Self.open(stand, .knownHosts(path: file)) == nil)
    }

    @Test func `hashed, listed and wild hosts count, as do comments, tabs and other hosts`() throws {
        let stand = try SFTPStand()
        let line = Self.line(stand)
        let key = line.drop { $0 != " " }
        let hashed = try stand.directory.write(line.utf8, to: "hashed")
        try #require(try Command.run("/usr/bin/ssh-keygen", ["-q", "-H", "-f", hashed]).status == 0)
        #expect(try !String(contentsOfFile: hashed, encoding: .utf8).contains("127.0.0.1"))
        #expect(Self.open(stand, .knownHosts(path: hashed)) == nil)
        for text in [
            "# a comment\n\nother\(key)\nhost,[127.0.0.1]:\(stand.server.port)\(key)",
            "[127.0.0.*]:\(stand.server.port)\(key)\r\n",
            line.replacingOccurrences(of: " ", with: "\t"),
            "[127.0.0.1]:\(stand.server.port) strange-kind AAAA\n\(line)",
        ] {
            let file = try stand.directory.write(text.utf8, to: "known")
            #expect(Self.open(stand, .knownHosts(path: file)) == nil, "\(text)")
        }
    }

    @Test func `a revoked key is not trusted, nor is an authority or a host that a pattern excludes`() throws
    {
        let stand = try SFTPStand()
        let line = Self.line(stand)
        let key = line.drop { $0 != " " }
        let port = stand.server.port
        for (text, end) in [
            ("\(line)@revoked \(line)", "which is marked as revoked"),
            ("\(line)@revoked *\(key)", "which is marked as revoked"),
            ("@cert-authority \(line)", "which is not pinned for it"),
            ("![127.0.0.1]:\(port),[127.0.0.*]:\(port)\(key)", "which is not pinned for it"),
            ("127.0.0.1\(key)", "which is not pinned for it"),
            ("\(line)@revoked * nonsense", "cannot be understood"),
        ] {
            let file = try stand.directory.write(text.utf8, to: "known")
            let found = try #require(Self.open(stand, .knownHosts(path: file)), "\(text)")
            #expect(found.kind == .untrusted)
            #expect(found.sentence.contains(end), "\(found)")
        }
    }

    @Test func `a file that cannot be read, or a pin that is none, is said before any connection`() throws {
        // Nobody is there; to have tried would have been unreachable.
        func open(_ keys: SFTPHostKeys) -> RemoteFault? {
            var settings = SFTPFileServer.Settings(host: "127.0.0.1", hostKeys: keys)
            settings.port = freePort()
            let client = SFTPFileServer(settings)
            return fault { () throws(RemoteFault) in
                _ = try client.connect(as: RemoteLogIn(user: "x", proof: .agent))
            }
        }
        let missing = open(.knownHosts(path: try TemporaryDirectory().file("none")))
        #expect(missing?.kind == .untrusted)
        #expect(missing?.sentence.contains("cannot be read: No such file or directory") == true)
        for pin in ["", "SHA256:abc", "MD5:00:11", "SHA256:" + String(repeating: "!", count: 43)] {
            let found = open(.fingerprints([pin]))
            #expect(found?.kind == .untrusted)
            #expect(found?.sentence.contains("is not a fingerprint") == true)
        }
        #expect(open(.fingerprints([]))?.kind == .unreachable)
    }

    private static func line(_ stand: SFTPStand) -> String {
        (try? String(contentsOfFile: stand.server.knownHosts, encoding: .utf8)) ?? ""
    }
}
