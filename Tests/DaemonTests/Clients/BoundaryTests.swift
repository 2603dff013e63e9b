import Exchange
import Foundation
import Testing

/// What a sender cannot do: leave its six directories, write where answers lie, use names to get anywhere.
@Suite(.served()) struct BoundaryTests {
    private func run(_ script: String, _ arguments: [String] = []) throws -> (
        run: Program, client: SFTPClient
    ) {
        let instance = try SharedInstance.running()
        let sender = try instance.enrol()
        let run = try Python.paramiko(script, as: sender, at: instance, arguments)
        return (run, try SFTPClient(instance, sender))
    }

    @Test(arguments: [
        "put FILE /OUT/FO.MINE", "put FILE /OUTTEST/x", "put FILE /OUTTEST-S/x", "put FILE /x",
        "put FILE /ETC/x",
        "put FILE /IN/a/b", "mkdir /IN/sub", "mkdir /sub", "rmdir /IN", "rm /IN", "rename /IN /ELSEWHERE",
        "ln -s /etc/passwd /IN/link", "ln FILE /IN/link", "get /etc/passwd FILE", "get ../../etc/passwd FILE",
        "get /IN/../../../etc/passwd FILE", "ls /etc", "cd /etc", "cd /IN/sub", "ls /IN/none",
    ])
    func `what leads out of the six directories, or changes them, is refused`(command: String) throws {
        let instance = try SharedInstance.running()
        let sender = try instance.enrol()
        let place = try Scratch()
        let file = try place.write(Array("harmless".utf8), to: "file")
        let run = try OpenSSH.sftp([command.replacingOccurrences(of: "FILE", with: file)], instance, sender)
        #expect(run.status != 0, "\(run.output)")
        #expect(!run.errors.isEmpty)
        #expect(try bytes(of: file) == Array("harmless".utf8))
        let after = try OpenSSH.sftp(["ls -1 /", "ls -1 /IN", "ls -1 /OUT"], instance, sender)
        #expect(after.status == 0)
        #expect(
            !after.output.contains("sub") && !after.output.contains("link") && !after.output.contains("FO."))
    }

    @Test func `dots go up no further than the root, and absolute paths begin there`() throws {
        let instance = try SharedInstance.running()
        let sender = try instance.enrol()
        let run = try OpenSSH.sftp(
            ["cd ../../..", "pwd", "cd /IN/./../OUT/../IN", "pwd", "ls /IN/../OUT"], instance, sender)
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("Remote working directory: /\n"))
        #expect(run.output.contains("Remote working directory: /IN\n"))
    }

    @Test func `a file stays in its directory`() throws {
        let instance = try SharedInstance.running()
        let client = try SFTPClient(instance, instance.enrol())
        try client.put([File(name: "upload", bytes: [1])], in: .incoming)
        for target in ["/OUT/upload", "/INTEST/upload", "/upload", "/IN", "/IN/../OUT/upload"] {
            #expect(throws: (any Error).self, "\(target)") {
                try client.command("rename /IN/upload \(target)")
            }
        }
        #expect(try client.list(.incoming) == ["upload"])
    }

    @Test func `answers can be read and removed but not written, renamed or cut`() throws {
        let instance = try SharedInstance.running()
        let client = try SFTPClient(instance, instance.enrol())
        let receipt = try client.send(client.sender.set())
        let run = try Python.paramiko(
            """
            name = arguments[0]
            for mode in ["w", "a", "r+", "wx"]:
                refused(lambda: sftp.open(name, mode))
            refused(lambda: sftp.truncate(name, 0))
            refused(lambda: sftp.rename(name, name + "x"))
            refused(lambda: sftp.posix_rename(name, "/IN/x"))
            """, as: client.sender, at: instance, ["/OUT/FO.\(receipt.stem)"])
        #expect(run.status == 0, "\(run.errors)")
        #expect(try client.get("FO.\(receipt.stem)", from: .outgoing) == Array(receipt.document.utf8))
    }

    @Test func `names of 255 bytes are refused clearly, the longest allowed is taken`() throws {
        let (run, client) = try run(
            """
            refused(lambda: sftp.open("/IN/" + "a" * 255, "w"))
            refused(lambda: sftp.open("/IN/" + "a" * 81, "w"))
            refused(lambda: sftp.open("/IN/" + "a" * 5000, "w"))
            sftp.open("/IN/" + "b" * 80, "w").close()
            refused(lambda: sftp.rename("/IN/" + "b" * 80, "/IN/" + "c" * 81))
            """)
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("name too long"))
        #expect(try client.list(.incoming) == [String(repeating: "b", count: 80)])
    }

    @Test func `control characters and bytes that are no UTF-8 are bytes like others`() throws {
        let (run, client) = try run(
            #"""
            names = [b"/IN/bell\x07", b"/IN/\xff\xfe", b"/IN/new\nline", b"/IN/esc\x1b[2J", b"/IN/ sp ace "]
            for name in names:
                with sftp.open(name, "w") as file:
                    file.write(name)
            for name in names:
                with sftp.open(name, "r") as file:
                    assert file.read() == name, name
                sftp.remove(name)
            refused(lambda: sftp.open(b"/IN/nul\x00byte", "w"))
            """#)
        #expect(run.status == 0, "\(run.errors)")
        #expect(try client.list(.incoming).isEmpty)
    }

    @Test func `a GO with such a name is answered, and nothing of it reaches the receipt raw`() throws {
        let (run, client) = try run(
            #"""
            number = user[4:]
            sftp.open(b"/IN/GO.DIMN.00\xff<&>\x07", "w").close()
            """#)
        #expect(run.status == 0, "\(run.errors)")
        let name = "GO.DIMN.00%FF%3C%26%3E%07"
        #expect(try client.receipt(for: name).codes == ["ACRF-107"])
    }

    @Test func `too many open files are refused one by one, and the session goes on`() throws {
        let (run, client) = try run(
            """
            files = [sftp.open("/IN/f%02d" % index, "w") for index in range(64)]
            refused(lambda: sftp.open("/IN/f64", "w"))
            refused(lambda: sftp.listdir("/IN"))
            files[0].close()
            sftp.open("/IN/f65", "w").close()
            for file in files[1:]:
                file.close()
            assert len(sftp.listdir("/IN")) == 65
            """)
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("too many open files"))
        #expect(try client.list(.incoming).count == 65)
    }

    @Test func `an upload larger than a set may be fails and triggers nothing`() throws {
        let (run, client) = try run(
            """
            sftp.open("/IN/x", "w").close()
            file = sftp.open("/IN/GO.DIMN.006400.20230420.00001.R.1", "w")
            file.seek(50_000_001)
            def write():
                file.write(b"x")
                file.close()
            refused(write)
            """)
        #expect(run.status == 0, "\(run.errors)")
        #expect(try client.list(.outgoing).isEmpty)
    }

    @Test func `one sender sees nothing of another`() throws {
        let instance = try SharedInstance.running()
        let (first, second) = (
            try SFTPClient(instance, instance.enrol()), try SFTPClient(instance, instance.enrol())
        )
        try first.put([File(name: "secret", bytes: [1])], in: .incoming)
        let receipt = try first.send(first.sender.set())
        #expect(try second.list(.incoming).isEmpty && second.list(.outgoing).isEmpty)
        for path in ["/IN/secret", "/OUT/FO.\(receipt.stem)", "/\(first.sender.number)/IN/secret"] {
            #expect(throws: (any Error).self) { try second.command("get \(path) /dev/null") }
        }
    }
}
