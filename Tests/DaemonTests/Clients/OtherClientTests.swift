import Exchange
import Foundation
import Testing

/// lftp, curl, paramiko and asyncssh, each used as its people use it.
@Suite(.served()) struct OtherClientTests {
    /// A folder that holds the files of a set.
    private func folder(of set: FileSet, without prefix: String = "none") throws -> Scratch {
        let place = try Scratch()
        for file in set.files where !file.name.hasPrefix(prefix) {
            _ = try place.write(file.bytes, to: "up/" + file.name)
        }
        return place
    }

    private func lftp(_ commands: [String], _ sender: Sender, _ instance: Instance) throws -> Program {
        let connect = "ssh -a -x " + OpenSSH.options(instance, sender).joined(separator: " ")
        let settings = [
            "set sftp:connect-program \"\(connect)\"", "set net:max-retries 1", "set net:timeout 120",
            "set cmd:fail-exit yes",
            "open -u \(sender.user),x -p \(instance.port) sftp://127.0.0.1",
        ]
        return try Program.run(
            "lftp", ["-c", (settings + commands).joined(separator: "; ")],
            environment: ["HOME": instance.scratch.path])
    }

    @Test func `lftp puts with mput and gets the answer`() throws {
        let instance = try SharedInstance.running()
        let sender = try instance.enrol()
        let set = try sender.set()
        let place = try folder(of: set)
        let run = try lftp(
            ["cd /IN", "lcd \(place.file("up"))", "mput FI.* FS.*", "mput GO.*"], sender, instance)
        #expect(run.status == 0, "\(run.errors)")
        let receipt = try SFTPClient(instance, sender).receipt(for: set.trigger.name)
        #expect(receipt.isAccepted)
        let got = try lftp(
            ["lcd \(place.path)", "get /OUT/FO.\(receipt.stem)", "mirror /OUT \(place.file("down"))"], sender,
            instance)
        #expect(got.status == 0, "\(got.errors)")
        #expect(try bytes(of: place.file("FO.\(receipt.stem)")) == Array(receipt.document.utf8))
        #expect(names(in: place.file("down")).count == 3)
    }

    @Test func `lftp mirrors a folder into IN, in whatever order it likes`() throws {
        let instance = try SharedInstance.running()
        let sender = try instance.enrol()
        let set = try sender.set([Declaration.dimona, Declaration.dimona])
        let place = try folder(of: set)
        let run = try lftp(["mirror -R --parallel=2 \(place.file("up")) /IN"], sender, instance)
        #expect(run.status == 0, "\(run.errors)")
        #expect(try SFTPClient(instance, sender).receipt(for: set.trigger.name).isAccepted)
    }

    @Test func `curl uploads, lists and downloads`() throws {
        let instance = try SharedInstance.running()
        let sender = try instance.enrol()
        let set = try sender.set()
        let place = try folder(of: set)
        func curl(_ arguments: [String], _ path: String) throws -> Program {
            try Program.run(
                "curl",
                [
                    "-sS", "-k", "--user", "\(sender.user):", "--key", sender.identity, "--pubkey",
                    sender.identity + ".pub",
                ] + arguments
                    + ["sftp://127.0.0.1:\(instance.port)\(path)"])
        }
        for file in set.files {
            let put = try curl(["-T", place.file("up/" + file.name)], "/IN/\(file.name)")
            #expect(put.status == 0, "\(file.name): \(put.errors)")
        }
        let receipt = try SFTPClient(instance, sender).receipt(for: set.trigger.name)
        #expect(receipt.isAccepted)
        #expect(try curl([], "/OUT/").output.contains("FO.\(receipt.stem)"))
        let got = try curl(["-o", place.file("FO")], "/OUT/FO.\(receipt.stem)")
        #expect(got.status == 0, "\(got.errors)")
        #expect(try bytes(of: place.file("FO")) == Array(receipt.document.utf8))
        #expect(try curl(["-T", place.file("FO")], "/OUT/FO.mine").status != 0)
    }

    @Test func `paramiko puts with confirmation`() throws {
        let instance = try SharedInstance.running()
        let sender = try instance.enrol()
        let set = try sender.set()
        let place = try folder(of: set)
        let run = try Python.paramiko(
            """
            for path in arguments:
                sftp.put(path, "/IN/" + os.path.basename(path), confirm=True)
            """, as: sender, at: instance, set.files.map { place.file("up/" + $0.name) })
        #expect(run.status == 0, "\(run.errors)")
        #expect(try SFTPClient(instance, sender).receipt(for: set.trigger.name).isAccepted)
    }

    @Test(arguments: ["rename", "posix_rename"])
    func `paramiko behaves like WinSCP: a temporary name, a rename, then times and modes`(rename: String)
        throws
    {
        let instance = try SharedInstance.running()
        let sender = try instance.enrol()
        let set = try sender.set()
        let place = try folder(of: set)
        let run = try Python.paramiko(
            """
            for path in arguments:
                name = "/IN/" + os.path.basename(path)
                sftp.put(path, name + ".filepart")
                sftp.utime(name + ".filepart", (1700000000, 1700000000))
                sftp.chmod(name + ".filepart", 0o640)
                sftp.\(rename)(name + ".filepart", name)
                if not os.path.basename(path).startswith("GO"):
                    sftp.utime(name, (1700000000, 1700000000))
                    sftp.chmod(name, 0o640)
            """, as: sender, at: instance, set.files.map { place.file("up/" + $0.name) })
        #expect(run.status == 0, "\(run.errors)")
        #expect(try SFTPClient(instance, sender).receipt(for: set.trigger.name).isAccepted)
    }

    @Test func `a client that sets the time of a GO after its close is not told of a failure`() throws {
        let instance = try SharedInstance.running()
        let sender = try instance.enrol()
        let set = try sender.set()
        let place = try folder(of: set)
        let run = try Python.paramiko(
            """
            for path in arguments:
                name = "/IN/" + os.path.basename(path)
                sftp.put(path, name, confirm=True)
                sftp.utime(name, (1700000000, 1700000000))
            """, as: sender, at: instance, set.files.map { place.file("up/" + $0.name) })
        #expect(run.status == 0, "\(run.errors)")
        #expect(try SFTPClient(instance, sender).receipt(for: set.trigger.name).isAccepted)
    }

    @Test func `asyncssh puts several files at once and reads the answer`() throws {
        let instance = try SharedInstance.running()
        let sender = try instance.enrol()
        let set = try sender.set([Declaration.dimona, Declaration.dimona])
        let place = try folder(of: set)
        let run = try Python.run(
            """
            import asyncio, os, sys
            import asyncssh
            port, user, key, paths = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4:]

            async def main():
                async with asyncssh.connect("127.0.0.1", port, username=user, client_keys=[key],
                                            known_hosts=None, config=None) as connection:
                    async with connection.start_sftp_client() as sftp:
                        await asyncio.gather(*(sftp.put(path, "/IN/" + os.path.basename(path)) for path in paths))
                        for _ in range(2400):
                            answers = [name for name in await sftp.listdir("/OUT") if name.startswith("GO.")]
                            if answers:
                                async with sftp.open("/OUT/FO" + answers[0][2:], "rb") as file:
                                    print((await file.read()).decode())
                                return
                            await asyncio.sleep(0.05)

            asyncio.run(main())
            """, as: sender, at: instance, set.files.map { place.file("up/" + $0.name) })
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("<ResultCode>1</ResultCode>"))
    }
}
