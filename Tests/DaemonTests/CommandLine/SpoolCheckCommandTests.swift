import Exchange
import Foundation
import Testing

/// `ecluse spool check`, as an operator or a nightly job uses it.
@Suite struct SpoolCheckCommandTests {
    private let files = FileManager.default

    @Test func `a spool in order is said to be, beside the daemon and without it, and no word of it in JSON`()
        throws
    {
        let instance = try Instance()
        try instance.start()
        let client = try SFTPClient(instance, instance.enrol())
        #expect(try client.send(client.sender.set()).isAccepted)
        try client.put(try client.sender.set().declarations, in: .incoming)
        for _ in 1...2 {
            let run = try instance.run("spool", "check")
            #expect(run.status == 0, "\(run.errors)")
            #expect(run.output == "the spool is in order\n")
            #expect(try instance.run("spool", "check", "--json").output.isEmpty)
            _ = instance.stop()
        }
    }

    @Test func `what does not fit is listed with exit status 1, and is left as it is`() throws {
        let instance = try Instance()
        try instance.start()
        let client = try SFTPClient(instance, instance.enrol())
        let receipt = try client.send(client.sender.set())
        #expect(instance.stop() == 0)
        let answer = "outbox/\(client.sender.number)/OUT/FO.\(receipt.stem)"
        try files.removeItem(atPath: instance.path("spool/\(answer)"))
        let stranger = instance.path("spool/held/stranger")
        try files.createDirectory(atPath: stranger, withIntermediateDirectories: false)

        let words = try instance.run("spool", "check")
        #expect(words.status == 1)
        #expect(words.output.hasPrefix("FINDING "))
        #expect(words.output.contains("missing-answer  \(receipt.ticket)  \(answer)"), "\(words.output)")
        let found = try instance.run("spool", "check", "--json")
        #expect(found.status == 1)
        let kinds = try found.objects().map { $0["kind"] as? String }
        #expect(Set(kinds) == ["missing-answer", "stranger"])
        #expect(kinds.count == 2)
        #expect(files.fileExists(atPath: stranger))
    }

    @Test func `where no spool is, that is said and not that it is in order`() throws {
        let instance = try Instance()
        try files.removeItem(atPath: instance.path("spool"))
        let run = try instance.run("spool", "check")
        #expect(run.status == 1)
        #expect(run.output.isEmpty)
        #expect(run.errors.contains("There is no spool at"))
    }
}
