import Exchange
import Foundation
import Testing

@testable import Registry

@Suite struct FTPAccountFileTests {
    private let owner: FTPAccountFile.Owner

    init() throws {
        owner = try #require(FTPAccountFile.Owner(uid: 990, gid: 991))
    }

    private func account(_ index: Int = 6400, user: String = "EXPacme") throws -> FTPAccount {
        FTPAccount(
            sender: try number(index), user: try #require(TechnicalUser(user)),
            hash: try #require(PasswordHash(stored: "$y$jAT$salt$hash")), setAt: Fixture.now)
    }

    private func file(_ server: FTPAccountFile.Server, root: String = "/srv/ftp") throws -> FTPAccountFile {
        try #require(FTPAccountFile(for: server, root: root, owner: owner))
    }

    @Test func `ProFTPD gets lines of passwd, and the group in words`() throws {
        let file = try file(.proftpd)
        #expect(file.groupLine == "ecluse:x:991:")
        #expect(
            try file.text(of: [account(), account(6401, user: "EXPother")]) == """
                # The line for AuthGroupFile: ecluse:x:991:
                EXPacme:$y$jAT$salt$hash:990:991:sender 006400:/srv/ftp/006400:/bin/false
                EXPother:$y$jAT$salt$hash:990:991:sender 006401:/srv/ftp/006401:/bin/false

                """)
    }

    @Test func `vsftpd gets names and hashes, and the home in a file of the user`() throws {
        let file = try file(.vsftpd)
        #expect(try file.text(of: [account()]) == "EXPacme:$y$jAT$salt$hash\n")
        #expect(try file.userConfiguration(of: account()) == "local_root=/srv/ftp/006400\n")
    }

    @Test func `pure-ftpd gets eighteen fields with a locked home`() throws {
        let text = try file(.pureFTPd).text(of: [account()])
        #expect(text == "EXPacme:$y$jAT$salt$hash:990:991:sender 006400:/srv/ftp/006400/./::::::::::::\n")
        #expect(text.split(separator: ":", omittingEmptySubsequences: false).count == 18)
    }

    @Test(arguments: FTPAccountFile.Server.allCases)
    func `without accounts nobody is let in`(_ server: FTPAccountFile.Server) throws {
        let lines = try file(server).text(of: []).split(separator: "\n")
        #expect(lines.allSatisfy { $0.hasPrefix("#") })
    }

    @Test(arguments: ["/srv//ftp/", "/srv/ftp"])
    func `slashes too many do no harm`(_ root: String) throws {
        #expect(try file(.proftpd, root: root).home(of: account()) == "/srv/ftp/006400")
    }

    @Test(arguments: [
        "", "srv/ftp", "./ftp", "/srv/../etc", "/srv/./ftp", "/srv:0:0", "/srv\nroot::0:0::/:", "/a\u{7F}",
    ])
    func `a root that could say something else is refused`(_ root: String) {
        #expect(FTPAccountFile(for: .proftpd, root: root, owner: owner) == nil)
    }

    @Test func `no sender acts as root`() {
        #expect(FTPAccountFile.Owner(uid: 0, gid: 991) == nil)
        #expect(FTPAccountFile.Owner(uid: 990, gid: 0) == nil)
    }

    @Test(arguments: ["", "x", "$1$abc", "$y$a:b", "$y$a\nb", "$y$a b", "$6$rounds=5$x$y"])
    func `what is no slow hash of ours gets into no file`(_ text: String) {
        #expect(PasswordHash(stored: text) == nil)
    }
}
