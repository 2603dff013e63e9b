import Exchange
import Foundation
import Testing

/// A disk that is nearly full: every channel says "try later", and everything goes on by itself when there is room.
@Suite struct DiskFloorTests {
    /// A file without content that takes up room, until it goes.
    private final class Ballast {
        private let path: String

        init(_ path: String, size: Int) throws {
            self.path = path
            let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            defer { close(file) }
            let code = posix_fallocate(file, 0, off_t(size))
            guard code == 0 else {
                throw Program.Fault(description: "no ballast: \(String(cString: strerror(code)))")
            }
        }

        func remove() { unlink(path) }

        deinit { remove() }
    }

    private static func freeBytes(at path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfFileSystem(forPath: path)
        return try #require((attributes[.systemFreeSize] as? NSNumber)?.intValue)
    }

    private func isPutOff(_ body: () throws -> Void) -> Bool {
        do { try body() } catch { return "\(error)".contains("Failure") }
        return false
    }

    @Test func `below the floor every channel says try later, nothing is lost, and it goes on by itself`()
        throws
    {
        let place = try Scratch()
        // Others use the disk as well: half of the ballast is a margin on either side.
        let free = try DiskFloorTests.freeBytes(at: place.path)
        let size = min(8 << 30, free / 4)
        let instance = try Instance(
            Route.changes + [("freeSpace: 256 MiB", "freeSpace: \(free - size / 2) B")],
            polling: OutsideServers())
        try instance.start()
        let polled = [Route.folder, .polledSFTP, .polledFTP, .polledFTPS]
        let sftp = try Route.sftp.client(instance)
        let web = try WebClient(instance, Route.web.sender(instance))
        let others = try polled.map { try $0.client(instance) }
        let first = try sftp.sender.set()
        let begun = try sftp.sender.set()
        let receipt = try sftp.send(first)
        #expect(receipt.isAccepted)
        try sftp.put(begun.declarations + begun.signatures, in: .incoming)

        let ballast = try Ballast(place.file("ballast"), size: size)
        // The daemon asks the disk once a second.
        #expect(eventually { isPutOff { try sftp.put(try sftp.sender.set().declarations, in: .incoming) } })
        #expect(isPutOff { try sftp.put([begun.trigger], in: .incoming) })
        let words = try Python.paramiko(
            "refused(lambda: sftp.open(arguments[0], 'wb'))", as: sftp.sender, at: instance,
            ["/IN/" + begun.trigger.name])
        #expect(words.output.contains("disk is full, try later"), "\(words.output)\(words.errors)")
        let reply = try web.ask(
            "POST", "/v1/uploads",
            [
                "-H", "Content-Type: application/json", "--data-binary",
                "{\"name\":\"\(try web.sender.set().trigger.name)\"}",
            ])
        #expect(reply.status == 503)
        #expect(reply.field("Retry-After") == "60")
        let whole = try web.sender.set()
        let form = try (whole.declarations + whole.signatures).flatMap { file in
            try Data(file.bytes).write(to: URL(fileURLWithPath: place.file(file.name)))
            return ["-F", "file=@\(place.file(file.name))"]
        }
        let wholeReply = try web.ask("POST", "/v1/sets", form)
        #expect(wholeReply.status == 503)
        #expect(wholeReply.field("Retry-After") == "60")
        let sets = try others.map { try $0.sender.set() }
        for (client, set) in zip(others, sets) { try client.put(set.files, in: .incoming) }
        for client in others {
            #expect(
                eventually {
                    instance.log.split(separator: "\n").contains {
                        $0.contains(client.sender.number) && $0.contains("The spool does not take it")
                    }
                }, "\(instance.log)")
            #expect(try client.list(.incoming).count == 3)
        }
        // What was taken before is neither lost nor hidden.
        #expect(try sftp.receipt(for: first.trigger.name) == receipt)
        #expect(try sftp.list(.incoming).contains(begun.declarations[0].name))

        ballast.remove()
        for (client, set) in zip(others, sets) {
            #expect(try client.receipt(for: set.trigger.name).isAccepted)
        }
        try sftp.put([begun.trigger], in: .incoming)
        #expect(try sftp.receipt(for: begun.trigger.name).isAccepted)
        #expect(try web.ask("POST", "/v1/sets", form).status == 201)
        #expect(try web.send(web.sender.set()).isAccepted)
        #expect(try instance.queue().count == 8)
        #expect(try instance.run("spool", "check").status == 0)
    }
}
