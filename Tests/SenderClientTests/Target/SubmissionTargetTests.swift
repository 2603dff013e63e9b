import Channels
import Testing

@testable import SenderClient

@Suite struct SubmissionTargetTests {
    private func account(
        _ host: String, _ port: Int, home: String? = nil, user: String = "EXPacme"
    ) -> SubmissionTarget.Account {
        SubmissionTarget.Account(user: user, host: host, port: port, home: home.flatMap { RemotePath($0) })
    }

    @Test func `SFTP addresses name user, host, port and where the directories lie`() throws {
        #expect(
            try SubmissionTarget("sftp://EXPacme@sftp.example:8022") == .sftp(account("sftp.example", 8022)))
        #expect(try SubmissionTarget("SFTP://EXPacme@10.0.0.1/") == .sftp(account("10.0.0.1", 22)))
        #expect(
            try SubmissionTarget("sftp://EXPacme@[::1]:8022/drop/")
                == .sftp(account("::1", 8022, home: "drop")))
        #expect(
            try SubmissionTarget("sftp://a%40b@h//srv/drop")
                == .sftp(account("h", 22, home: "/srv/drop", user: "a@b")))
        #expect(try "\(SubmissionTarget("sftp://EXPacme@[::1]:8022/drop"))" == "sftp://EXPacme@[::1]:8022")
    }

    @Test func `FTP is under TLS unless plaintext is asked for in so many words`() throws {
        #expect(try SubmissionTarget("ftps://EXPacme@h") == .ftp(account("h", 990), .implicit))
        #expect(try SubmissionTarget("ftp://EXPacme@h:2121") == .ftp(account("h", 2121), .explicit))
        #expect(
            try SubmissionTarget("ftp://EXPacme@h", isPlaintextAllowed: true) == .ftp(account("h", 21), .none)
        )
        #expect(
            try SubmissionTarget("ftps://EXPacme@h", isPlaintextAllowed: true)
                == .ftp(account("h", 990), .implicit))
    }

    @Test func `web services are spoken to over HTTPS only`() throws {
        #expect(try SubmissionTarget("https://h:8443/base/") == .web("https://h:8443/base"))
        #expect(try SubmissionTarget("https://[::1]") == .web("https://[::1]"))
        #expect(throws: SubmissionTarget.Fault.self) { try SubmissionTarget("http://h") }
        #expect(throws: SubmissionTarget.Fault.self) { try SubmissionTarget("https://user@h") }
    }

    @Test func `anything without a scheme is a directory`() throws {
        #expect(try SubmissionTarget("folder:/var/exchange/006400") == .folder("/var/exchange/006400"))
        #expect(try SubmissionTarget("folder:///var/exchange/006400") == .folder("/var/exchange/006400"))
        #expect(try SubmissionTarget("./exchange") == .folder("./exchange"))
        #expect(throws: SubmissionTarget.Fault.self) { try SubmissionTarget("") }
        #expect(throws: SubmissionTarget.Fault.self) { try SubmissionTarget("folder:") }
    }

    @Test(arguments: [
        "sftp://h", "sftp://@h", "sftp://a@", "sftp://a@h:0", "sftp://a@h:65536", "sftp://a@h:+22",
        "sftp://a@h:x",
        "sftp://a@::1", "sftp://a@[::1", "sftp://a@[::1]x", "sftp://a@h?x=1", "sftp://a@h#x",
        "sftp://a@h/a%0Ab",
        "sftp://a@h/%", "sftp://a b@h", "sftp://a%0Ab@h", "sftp://a@-oProxyCommand=x", "sftp://a@h,i",
        "gopher://a@h",
    ])
    func `what cannot be an address is refused`(text: String) {
        #expect(throws: SubmissionTarget.Fault.self) { try SubmissionTarget(text) }
    }

    @Test func `a password in an address is refused without being repeated`() {
        #expect {
            try SubmissionTarget("sftp://EXPacme:geheim@h")
        } throws: { "\($0)".contains("password") && !"\($0)".contains("geheim") }
    }
}
