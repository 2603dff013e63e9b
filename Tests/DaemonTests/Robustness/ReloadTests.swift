import Exchange
import Foundation
import Testing

/// SIGHUP reads the configuration again, whole or not at all.
@Suite struct ReloadTests {
    private func reload(_ instance: Instance, until words: String) -> Bool {
        let count = instance.log.components(separatedBy: words).count
        instance.signal(SIGHUP)
        return eventually { instance.log.components(separatedBy: words).count > count }
    }

    @Test func `a good change counts at once`() throws {
        let instance = try Instance()
        try instance.start()
        let client = try SFTPClient(instance, instance.enrol())
        #expect(try client.send(client.sender.set([Declaration.dimona, Declaration.dimona])).isAccepted)
        try instance.change(("parts: 9 ", "parts: 1 "))
        #expect(reload(instance, until: "configuration reloaded"))
        let receipt = try client.send(client.sender.set([Declaration.dimona, Declaration.dimona]))
        #expect(receipt.codes == ["ACRF-128"])
    }

    @Test func `a changed schema counts for the next set, wherever it is judged`() throws {
        let instance = try Instance()
        try instance.start()
        let client = try SFTPClient(instance, instance.enrol())
        #expect(try client.send(client.sender.set()).isAccepted)
        let (right, wrong) = ("name=\"TypeForm\" type=\"TypeFormValue\"", "name=\"TypeForm\" type=\"Date\"")
        let file = "config/schemas/Dimona_20231.xsd"
        try instance.change((right, wrong), in: file)
        #expect(reload(instance, until: "configuration reloaded"))
        // More than there are workers.
        for _ in 1...4 { #expect(try client.send(client.sender.set()).codes == ["ACRF-312"]) }
        try instance.change((wrong, right), in: file)
        #expect(reload(instance, until: "configuration reloaded"))
        for _ in 1...4 { #expect(try client.send(client.sender.set()).isAccepted) }
    }

    @Test(arguments: ["config/ecluse.yaml", "config/applications.yaml", "config/schemas/Dimona_20231.xsd"])
    func `a broken file changes nothing, and the log says what is wrong`(file: String) throws {
        let instance = try Instance()
        try instance.start()
        let client = try SFTPClient(instance, instance.enrol())
        try instance.change(("parts: 9 ", "parts: 1 "))
        try "<broken: [".write(toFile: instance.path(file), atomically: true, encoding: .utf8)
        #expect(reload(instance, until: "reload refused"))
        #expect(instance.log.contains(URL(fileURLWithPath: file).lastPathComponent))
        let set = try client.sender.set([Declaration.dimona, Declaration.dimona])
        #expect(try client.send(set).isAccepted)
        #expect(try eventually { try instance.deliveries(of: set) == 1 })
        #expect(instance.isRunning)
    }

    @Test func `senders enrolled while the daemon runs can send`() throws {
        let instance = try Instance()
        try instance.start()
        for _ in 1...2 {
            let client = try SFTPClient(instance, instance.enrol())
            #expect(try client.send(client.sender.set()).isAccepted)
        }
    }
}
