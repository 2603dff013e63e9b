import Foundation
import TestServers
import Testing

@testable import Channels

@Suite(.enabled(if: OpenSSHServer.isInstalled))
struct SFTPClientLogInTests {
    private static func open(_ client: SFTPFileServer, _ logIn: RemoteLogIn) throws -> RemoteFault? {
        let home = try path(".")
        return fault { () throws(RemoteFault) in
            let files = try client.connect(as: logIn)
            _ = try files.list(home)
            files.close()
        }
    }

    @Test(arguments: ["ed25519", "rsa", "ecdsa"], [nil, "correct horse"])
    func `a key is let in, with a passphrase or without`(kind: String, passphrase: String?) throws {
        let stand = try SFTPStand { $0.hostKeyKinds = [kind] }
        try OpenSSHServer.makeKey(stand.directory.file("k"), kind: kind, passphrase: passphrase ?? "")
        try stand.server.authorise(stand.directory.file("k.pub"))
        #expect(try Self.open(stand.client(), stand.logIn(key: "k", passphrase: passphrase)) == nil)
    }

    @Test(arguments: ["rsa PEM", "rsa PKCS8", "ecdsa PEM", "ecdsa PKCS8"], ["", "correct horse"])
    func `a key in PEM form is let in`(key form: String, passphrase: String) throws {
        let words = form.split(separator: " ").map(String.init)
        let stand = try SFTPStand()
        let key = stand.directory.file("k")
        try OpenSSHServer.makeKey(key, kind: words[0], passphrase: passphrase, ["-m", words[1]])
        try stand.server.authorise(key + ".pub")
        #expect(try Self.open(stand.client(), stand.logIn(key: "k", passphrase: passphrase)) == nil)
    }

    @Test(arguments: [[], ["-m", "PEM"]])
    func `a passphrase that is wrong or missing is said, and not shown`(form: [String]) throws {
        let stand = try SFTPStand()
        let key = stand.directory.file("k")
        try OpenSSHServer.makeKey(key, kind: "rsa", passphrase: "correct horse", form)
        let wrong = try #require(try Self.open(stand.client(), stand.logIn(key: "k", passphrase: "battery")))
        #expect(wrong.kind == .notAdmitted)
        #expect(wrong.sentence == "the key \(key) does not open with the passphrase given")
        let missing = try #require(try Self.open(stand.client(), stand.logIn(key: "k")))
        #expect(missing.kind == .notAdmitted)
        #expect(missing.sentence == "the key \(key) needs a passphrase")
    }

    @Test func `what is no key, or not there, is said`() throws {
        let stand = try SFTPStand()
        _ = try stand.directory.write("hello".utf8, to: "text")
        let text = try #require(try Self.open(stand.client(), stand.logIn(key: "text")))
        #expect(text.kind == .notAdmitted)
        #expect(text.sentence.hasSuffix("/text is not a private key in OpenSSH or PEM form"))
        let none = try #require(try Self.open(stand.client(), stand.logIn(key: "none")))
        #expect(none.kind == .notAdmitted)
        #expect(none.sentence.hasSuffix("/none cannot be read: No such file or directory"))
        let directory = try #require(try Self.open(stand.client(), stand.logIn(key: "")))
        #expect(directory.sentence.hasSuffix("cannot be read: not a file"))
    }

    @Test func `another key is not let in, and the sentence names it`() throws {
        let stand = try SFTPStand()
        try OpenSSHServer.makeKey(stand.directory.file("k"), kind: "ed25519")
        let found = try #require(try Self.open(stand.client(), stand.logIn(key: "k")))
        #expect(found.kind == .notAdmitted)
        #expect(
            found.sentence
                == "127.0.0.1:\(stand.server.port) does not admit \(stand.server.user) with the key "
                + "\(stand.directory.file("k")); it takes keys")
    }

    @Test func `a password is not let in where keys are wanted, and not shown`() throws {
        let stand = try SFTPStand()
        let logIn = RemoteLogIn(user: stand.server.user, proof: .password(Secret("correct horse")))
        let found = try #require(try Self.open(stand.client(), logIn))
        #expect(found.kind == .notAdmitted)
        #expect(!found.sentence.contains("horse"))
    }

    @Test(arguments: ["ed25519", "rsa", "ecdsa"])
    func `a certificate beside the key is offered`(kind: String) throws {
        let authority = try TemporaryDirectory()
        try OpenSSHServer.makeKey(authority.file("ca"), kind: "ed25519")
        let stand = try SFTPStand { $0.userAuthority = authority.file("ca.pub") }
        let key = stand.directory.file("k")
        try OpenSSHServer.makeKey(key, kind: kind)
        #expect(try Self.open(stand.client(), stand.logIn(key: "k"))?.kind == .notAdmitted)
        try OpenSSHServer.certify(key, for: stand.server.user, by: authority.file("ca"))
        #expect(try Self.open(stand.client(), stand.logIn(key: "k")) == nil)
        #expect(stand.server.log.contains("Accepted certificate ID \"test\""))
    }

    @Test func `a key is let in when the certificate beside it is not`() throws {
        let stand = try SFTPStand()
        try OpenSSHServer.makeKey(stand.directory.file("ca"), kind: "ed25519")
        try OpenSSHServer.certify(
            stand.directory.file("user"), for: "someone", by: stand.directory.file("ca"))
        #expect(try Self.open(stand.client(), stand.logIn()) == nil)
    }

    @Test func `a certificate that is none, or of another key, is said`() throws {
        let stand = try SFTPStand()
        _ = try stand.directory.write("hello".utf8, to: "user-cert.pub")
        let none = try #require(try Self.open(stand.client(), stand.logIn()))
        #expect(none.sentence.hasSuffix("user-cert.pub is not a certificate of OpenSSH"))
        try OpenSSHServer.makeKey(stand.directory.file("ca"), kind: "ed25519")
        try OpenSSHServer.makeKey(stand.directory.file("other"), kind: "ed25519")
        try OpenSSHServer.certify(
            stand.directory.file("other"), for: stand.server.user, by: stand.directory.file("ca"))
        let other = stand.directory.file("other-cert.pub")
        try FileManager.default.removeItem(atPath: stand.directory.file("user-cert.pub"))
        try FileManager.default.moveItem(atPath: other, toPath: stand.directory.file("user-cert.pub"))
        let wrong = try #require(try Self.open(stand.client(), stand.logIn()))
        #expect(wrong.kind == .notAdmitted)
        #expect(wrong.sentence.hasSuffix("user-cert.pub belongs to another key"))
    }

    @Test(arguments: ["ed25519", "rsa", "ecdsa"])
    func `the keys of an agent are offered`(kind: String) throws {
        let stand = try SFTPStand()
        let agent = try Agent(in: stand.directory)
        let logIn = RemoteLogIn(user: stand.server.user, proof: .agent)
        let client = stand.client { $0.agentSocket = agent.socket }
        #expect(try Self.open(client, logIn)?.kind == .notAdmitted)
        try OpenSSHServer.makeKey(stand.directory.file("other"), kind: "ed25519")
        try agent.add(stand.directory.file("other"))
        try OpenSSHServer.makeKey(stand.directory.file("k"), kind: kind)
        try stand.server.authorise(stand.directory.file("k.pub"))
        try agent.add(stand.directory.file("k"))
        #expect(try Self.open(client, logIn) == nil)
    }

    @Test func `no agent is nobody`() throws {
        let stand = try SFTPStand()
        let client = stand.client { $0.agentSocket = stand.directory.file("nothing") }
        let found = try #require(try Self.open(client, RemoteLogIn(user: "x", proof: .agent)))
        #expect(found.kind == .notAdmitted)
        #expect(found.sentence.contains("with any key of the agent"))
    }
}

/// An agent of its own, that ends with its owner.
private final class Agent {
    let socket: String
    private let program: ChildProgram

    init(in directory: TemporaryDirectory) throws {
        let place = directory.file("agent")
        socket = place
        program = try ChildProgram("/usr/bin/ssh-agent", ["-D", "-a", place])
        #expect(eventually(within: 120) { Command.exists("/usr/bin/ssh-add") && access(place, F_OK) == 0 })
    }

    deinit { program.stop() }

    func add(_ key: String) throws {
        let run = try Command.run("/usr/bin/ssh-add", ["-q", key], environment: ["SSH_AUTH_SOCK": socket])
        try #require(run.status == 0, "\(run.errors)")
    }
}
