import Exchange
import Foundation
import Testing

/// A spool on a file system that takes nothing any more, as a disk after an error is mounted.
@Suite struct ReadOnlySpoolTests {
    @Test
    func `while nothing can be changed every channel says so, nothing is lost, and it goes on by itself`()
        throws
    {
        let instance = try Instance(Route.changes, polling: OutsideServers())
        let state = instance.scratch.file("is-read-only")
        try instance.start(
            by: PreloadLibrary.faults(
                for: instance, in: "spool", log: "/dev/null", ["KIND": "read-only", "WHILE": state]))
        let sftp = try Route.sftp.client(instance)
        let web = try WebClient(instance, Route.web.sender(instance))
        let others = try [Route.folder, .polledSFTP, .polledFTP, .polledFTPS].map { try $0.client(instance) }
        let (first, begun) = (try sftp.sender.set(), try sftp.sender.set())
        let receipt = try sftp.send(first)
        try sftp.put(begun.declarations + begun.signatures, in: .incoming)

        try Data().write(to: URL(fileURLWithPath: state))
        for file in [begun.trigger, try sftp.sender.set().declarations[0]] {
            let fault = #expect(throws: Program.Fault.self) { try sftp.put([file], in: .incoming) }
            #expect(fault.map { "\($0)".contains("Failure") } == true, "\(String(describing: fault))")
        }
        let whole = try web.sender.set()
        let form = try (whole.declarations + whole.signatures).flatMap { file in
            ["-F", "file=@\(try instance.scratch.write(file.bytes, to: file.name))"]
        }
        let reply = try web.ask("POST", "/v1/sets", form)
        #expect(reply.status == 503 && reply.field("Retry-After") != nil, "\(reply.text)")
        let sets = try others.map { try $0.sender.set() }
        for (client, set) in zip(others, sets) { try client.put(set.files, in: .incoming) }
        for client in others {
            let isSaid = eventually {
                instance.log.split(separator: "\n").contains {
                    $0.contains(client.sender.number) && $0.contains("Read-only file system")
                }
            }
            #expect(isSaid, "\(instance.log)")
            #expect(try client.list(.incoming).count == 3)
        }
        #expect(try sftp.receipt(for: first.trigger.name) == receipt)

        unlink(state)
        for (client, set) in zip(others, sets) {
            #expect(try client.receipt(for: set.trigger.name).isAccepted)
        }
        try sftp.put([begun.trigger], in: .incoming)
        #expect(try sftp.receipt(for: begun.trigger.name).isAccepted)
        #expect(try web.ask("POST", "/v1/sets", form).status == 201)
        #expect(try eventually { try instance.queue().count == 7 })
        #expect(instance.stop() == 0)
        #expect(try instance.run("spool", "check").status == 0)
    }

    private static let mounts = (try? Program.run("unshare", ["-rm", "true"]))?.status == 0

    @Test(.enabled(if: ReadOnlySpoolTests.mounts, "no mount namespace can be made here"))
    func `a start is refused with the disk's own words, and all is there when it can be written again`()
        throws
    {
        let instance = try Instance()
        try instance.start()
        let client = try SFTPClient(instance, instance.enrol())
        let receipt = try client.send(client.sender.set())
        #expect(instance.stop() == 0)
        let run = try Program.run(
            "unshare",
            [
                "-rm", "sh", "-c",
                """
                mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && exec "$2" serve --config "$3"
                """, "sh", instance.path("spool"), Built.ecluse(), instance.configuration,
            ])
        #expect(run.status == 1)
        #expect(run.errors.contains("Read-only file system"), "\(run.errors)")
        try instance.start()
        #expect(try SFTPClient(instance, client.sender).receipt(for: receipt.fileName) == receipt)
        #expect(try instance.run("spool", "check").status == 0)
    }
}
