import Testing

/// A daemon nobody can be told anything by.
@Suite struct LogTests {
    @Test(arguments: ["2>/dev/full", "2> >(exec true)"])
    func `a log on a full disk, or that nobody reads any more, ends nothing`(place: String) throws {
        let instance = try Instance()
        try instance.start(by: ["bash", "-c", "exec \"$@\" \(place)", "bash"])
        let client = try SFTPClient(instance, instance.enrol())
        #expect(try client.send(client.sender.set()).isAccepted)
        #expect(instance.stop() == 0)
        #expect(try instance.run("spool", "check").status == 0)
    }
}
