import Exchange
import Foundation
import Testing

/// OpenSSH's `sftp` and `scp`, `ssh` refused.
@Suite(.served()) struct OpenSSHClientTests {
    /// A new sender, and a folder with the files of a set of it.
    private func desk() throws -> (instance: Instance, sender: Sender, set: FileSet, place: Scratch) {
        let instance = try SharedInstance.running()
        let sender = try instance.enrol()
        let set = try sender.set()
        let place = try Scratch()
        for file in set.files { _ = try place.write(file.bytes, to: file.name) }
        return (instance, sender, set, place)
    }

    @Test func `the six directories are all there is`() throws {
        let (instance, sender, _, _) = try desk()
        let run = try OpenSSH.sftp(["pwd", "ls -la /"], instance, sender)
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("Remote working directory: /"))
        let listed = run.output.split(separator: "\n").compactMap { $0.split(separator: " ").last }.map(
            String.init)
        let mailboxes = Mailbox.allCases.map(\.rawValue)
        #expect(Set(listed.filter { !["sftp>", ".", "..", "/", "pwd"].contains($0) }) == Set(mailboxes))
    }

    @Test func `files are put, listed, read back, renamed and removed`() throws {
        let (instance, sender, set, place) = try desk()
        let name = set.declarations[0].name
        let run = try OpenSSH.sftp(
            [
                "cd IN", "put \(place.file(name)) upload.tmp", "ls -l", "rename upload.tmp \(name)",
                "get \(name) \(place.file("back"))", "put \(place.file(name)) another", "rm another", "ls -1",
            ], instance, sender)
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains(" \(set.declarations[0].bytes.count) "))
        #expect(try bytes(of: place.file("back")) == set.declarations[0].bytes)
        #expect(!run.output.hasSuffix("another\n"))
    }

    @Test func `a broken upload is resumed with reput`() throws {
        let (instance, sender, set, place) = try desk()
        try Python.putHalf(of: set.declarations[0], in: .incoming, as: sender, at: instance)
        let names = set.files.map(\.name)
        let run = try OpenSSH.sftp(
            [
                "cd IN", "reput \(place.file(names[0])) \(names[0])", "put \(place.file(names[1]))",
                "put \(place.file(names[2]))",
            ], instance, sender)
        #expect(run.status == 0, "\(run.errors)")
        #expect(try SFTPClient(instance, sender).receipt(for: names[2]).isAccepted)
    }

    @Test func `a GO whose connection breaks before its close triggers nothing`() throws {
        let (instance, sender, set, _) = try desk()
        let client = try SFTPClient(instance, sender)
        try client.put(set.declarations + set.signatures, in: .incoming)
        try client.putHalf(of: File(name: set.trigger.name, bytes: Array("gogo".utf8)), in: .incoming)
        #expect(try client.send(sender.set()).isAccepted)
        #expect(try client.list(.incoming).contains(set.declarations[0].name))
        #expect(try instance.queue(of: sender).count == 1)
        try client.put([set.trigger], in: .incoming)
        #expect(try client.receipt(for: set.trigger.name).isAccepted)
    }

    @Test func `a GO may hold two bytes`() throws {
        let (instance, sender, set, _) = try desk()
        let client = try SFTPClient(instance, sender)
        let trigger = File(name: set.trigger.name, bytes: Array("go".utf8))
        try client.put(set.declarations + set.signatures + [trigger], in: .incoming)
        #expect(try client.receipt(for: set.trigger.name).isAccepted)
    }

    @Test func `answers are got and removed`() throws {
        let (instance, sender, set, _) = try desk()
        let client = try SFTPClient(instance, sender)
        let receipt = try client.send(set)
        for prefix in ["FO", "FS", "GO"] { try client.remove("\(prefix).\(receipt.stem)", in: .outgoing) }
        #expect(try client.list(.outgoing).isEmpty)
        let state = try instance.must("queue", "show", receipt.ticket, "--json").object()["receiptState"]
        #expect(state as? String == "deleted")
    }

    @Test func `scp works by SFTP, and its old protocol is refused clearly`() throws {
        let (instance, sender, set, place) = try desk()
        let target = "\(sender.user)@127.0.0.1:/IN/"
        let run = try OpenSSH.scp(["-s"] + set.files.map { place.file($0.name) } + [target], instance, sender)
        #expect(run.status == 0, "\(run.errors)")
        let receipt = try SFTPClient(instance, sender).receipt(for: set.trigger.name)
        #expect(receipt.isAccepted)
        let download = "\(sender.user)@127.0.0.1:/OUT/FO.\(receipt.stem)"
        #expect(try OpenSSH.scp(["-s", download, place.file("FO")], instance, sender).status == 0)
        #expect(try bytes(of: place.file("FO")) == Array(receipt.document.utf8))
        let old = try OpenSSH.scp(["-O", place.file(set.declarations[0].name), target], instance, sender)
        #expect(old.status != 0)
        #expect(!old.errors.isEmpty)
        #expect(try SFTPClient(instance, sender).list(.incoming).isEmpty)
    }

    @Test func `there is no shell, no command, no other subsystem and no forwarding`() throws {
        let (instance, sender, _, _) = try desk()
        for arguments in [
            ["-T"], ["-tt"], ["id"], ["-s", "shell"],
            ["-N", "-o", "ExitOnForwardFailure=yes", "-R", "0:127.0.0.1:9"],
        ] {
            let run = try Program.run(
                "ssh",
                OpenSSH.options(instance, sender)
                    + ["-p", "\(instance.port)"]
                    + arguments.filter { $0.hasPrefix("-") || $0.contains("=") || $0.contains(":") }
                    + ["\(sender.user)@127.0.0.1"]
                    + arguments.filter { !$0.hasPrefix("-") && !$0.contains("=") && !$0.contains(":") },
                limit: 20)
            #expect(run.status != 0, "\(arguments)")
            #expect(!run.output.contains("uid="))
        }
    }

    @Test(arguments: ["128K", "1M"])
    func `keys are exchanged again in the middle of a transfer`(limit: String) throws {
        let (instance, sender, set, place) = try desk()
        let bytes = pattern(6_000_000, seed: 7)
        let name = set.declarations[0].name
        let local = try place.write(bytes, to: "big")
        let run = try OpenSSH.sftp(
            ["put \(local) /IN/\(name)", "get /IN/\(name) \(place.file("back"))"], instance, sender,
            ["-o", "RekeyLimit=\(limit)"])
        #expect(run.status == 0, "\(run.errors)")
        #expect(try DaemonTests.bytes(of: place.file("back")) == bytes)
    }

    @Test(arguments: [["-t", "rsa", "-b", "2048"], ["-t", "ecdsa", "-b", "384"], ["-t", "ed25519"]])
    func `every modern kind of key logs in`(kind: [String]) throws {
        let (instance, sender, _, _) = try desk()
        let key = try instance.key(named: "\(sender.user)-\(kind[1])", kind)
        try instance.must("sender", "key", "add", sender.number, key + ".pub")
        let run = try OpenSSH.sftp(["ls"], instance, sender, identity: key)
        #expect(run.status == 0, "\(run.errors)")
    }

    @Test func `a FI of one byte more than 35 MB is taken whole and answered with 184`() throws {
        let (instance, sender, _, _) = try desk()
        let client = try SFTPClient(instance, sender)
        let head = Declaration.dimona
        let padding = String(repeating: " ", count: 35_000_001 - head.utf8.count)
        let set = try sender.set([head + padding])
        let receipt = try client.send(set)
        #expect(receipt.codes == ["ACRF-184"])
        #expect(try client.list(.incoming).isEmpty)
    }
}
