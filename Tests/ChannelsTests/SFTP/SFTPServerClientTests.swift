import Exchange
import Foundation
import Testing

@testable import Channels

/// Clients other than OpenSSH; each runs where it is installed. With `ECLUSE_REQUIRE_CLIENTS` in the environment
/// all run, and fail where they are not.
@Suite struct SFTPServerClientTests {
    private static let lftp = "/usr/bin/lftp"
    private static let curl = "/usr/bin/curl"

    private static let python = ProcessInfo.processInfo.environment["SFTP_TEST_PYTHON"]
    private static let isRequired = ProcessInfo.processInfo.environment["ECLUSE_REQUIRE_CLIENTS"] != nil

    private static let curlSpeaksSFTP: Bool = {
        guard Command.exists(curl), let version = try? Command.run(curl, ["-V"]) else { return false }
        return version.output.contains(" sftp ")
    }()

    @Test(.enabled(if: isRequired || Command.exists(lftp)))
    func `lftp mirrors both ways`() throws {
        let bench = try SFTPBench()
        let bytes = pattern(70_000)
        try FileManager.default.createDirectory(atPath: bench.file("up"), withIntermediateDirectories: true)
        for name in ["a", "b", "c"] { _ = try bench.directory.value.write(bytes, to: "up/" + name) }
        let connect = "ssh -a -x " + bench.options().joined(separator: " ")
        let run = try Command.run(
            SFTPServerClientTests.lftp,
            [
                "-c",
                """
                set sftp:connect-program "\(connect)"; set net:max-retries 1; set net:timeout 20; \
                open -u EXPacme,x -p \(bench.port) sftp://127.0.0.1; \
                mirror -R \(bench.file("up")) /IN; mirror /IN \(bench.file("down")); rm /IN/a; mv /IN/b /IN/d
                """,
            ], environment: ["HOME": bench.file("")])
        #expect(run.status == 0, "\(run.errors)")
        #expect(try isTrue(bench.directory.value.read("down/c") == bytes))
        #expect(bench.home.bytes("a", in: .incoming) == nil)
        #expect(isTrue(bench.home.bytes("d", in: .incoming) == bytes))
    }

    @Test(.enabled(if: isRequired || curlSpeaksSFTP))
    func `curl puts, lists, appends and gets`() throws {
        let bench = try SFTPBench()
        try bench.register("EXPcurl", key: "curl", kind: "ecdsa")
        // The library of curl wants the old form of a private key.
        let converted = try Command.run(
            "/usr/bin/ssh-keygen", ["-q", "-p", "-m", "PEM", "-N", "", "-P", "", "-f", bench.file("curl")])
        try #require(converted.status == 0)
        let bytes = pattern(50_000)
        let local = try bench.directory.value.write(bytes, to: "local")
        func curl(_ arguments: [String], _ path: String) throws -> Command {
            try Command.run(
                SFTPServerClientTests.curl,
                [
                    "-sS", "-k", "--user", "EXPcurl:", "--key", bench.file("curl"), "--pubkey",
                    bench.file("curl.pub"),
                ]
                    + arguments + ["sftp://127.0.0.1:\(bench.port)\(path)"])
        }
        let put = try curl(["-T", local], "/IN/x")
        #expect(put.status == 0, "\(put.errors)")
        #expect(try curl(["-T", local, "--append"], "/IN/x").status == 0)
        #expect(isTrue(bench.home.bytes("x", in: .incoming) == bytes + bytes))
        #expect(try curl([], "/IN/").output.contains(" x\n"))
        #expect(try curl(["-o", bench.file("back")], "/IN/x").status == 0)
        #expect(try isTrue(bench.directory.value.read("back") == bytes + bytes))
    }

    /// `SFTP_TEST_PYTHON` names a Python that has paramiko.
    @Test(.enabled(if: isRequired || python != nil))
    func `paramiko puts with confirmation, reads ahead and appends`() throws {
        let bench = try SFTPBench()
        let python = try #require(SFTPServerClientTests.python, "SFTP_TEST_PYTHON is not set")
        let script = try bench.directory.value.write(paramikoScript.utf8, to: "talk.py")
        let run = try Command.run(python, [script, "\(bench.port)", bench.file("user")])
        #expect(run.status == 0, "\(run.errors)")
        #expect(bench.home.sealedBytes("GO.X", in: .incoming) == [1, 2, 3])
    }
}

/// Talks to the server as scripts of senders do: `python talk.py PORT KEYFILE`.
private let paramikoScript = #"""
    import io
    import os
    import sys

    import paramiko


    def main():
        port, key = int(sys.argv[1]), sys.argv[2]
        client = paramiko.SSHClient()
        client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
        client.connect("127.0.0.1", port, "EXPacme", key_filename=key,
                       allow_agent=False, look_for_keys=False)
        sftp = client.open_sftp()
        assert sorted(sftp.listdir("/")) == sorted(["IN", "OUT", "INTEST", "OUTTEST", "INTEST-S", "OUTTEST-S"])
        sftp.chdir("IN")
        assert sftp.getcwd() == "/IN"
        content = os.urandom(3_000_000)
        sftp.putfo(io.BytesIO(content), "big", confirm=True)
        back = io.BytesIO()
        sftp.getfo("big", back)
        assert back.getvalue() == content
        with sftp.open("big", "a") as file:
            file.write(b"tail")
        assert sftp.stat("big").st_size == len(content) + 4
        sftp.putfo(io.BytesIO(b"\x01\x02\x03"), "GO.X", confirm=True)
        sftp.posix_rename("big", "bigger")
        sftp.utime("bigger", (1, 1))
        sftp.chmod("bigger", 0o644)
        sftp.remove("bigger")
        try:
            sftp.stat("bigger")
            raise SystemExit("still there")
        except FileNotFoundError:
            pass
        try:
            client.exec_command("true")
            raise SystemExit("a command was run")
        except paramiko.SSHException:
            pass
        client.close()


    main()
    """#
