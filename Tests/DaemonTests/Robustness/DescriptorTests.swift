import Exchange
import Foundation
import Testing

/// Open files are few: nothing is lost, nothing turns in circles, and the log says so.
@Suite struct DescriptorTests {
    @Test func `strangers who take every place leave descriptors for the sets in hand`() throws {
        let instance = try Instance()
        let sender = try instance.enrol()
        try instance.start(by: ["prlimit", "--nofile=256"])
        #expect(instance.log.contains("the limit of open files is low"))
        let client = try SFTPClient(instance, sender)
        // Logged in: who has not, makes room for others.
        try client.command("pwd")
        let strangers = Strangers()
        for port in [instance.port, instance.webPort] {
            for _ in 0..<200 { strangers.connect(to: port) }
        }
        for _ in 0..<3 { #expect(try client.send(client.sender.set()).isAccepted) }
        withExtendedLifetime(strangers) {}
    }

    @Test func `without a descriptor left nothing is accepted or lost, and all goes on when there are some`()
        throws
    {
        let instance = try Instance()
        let sender = try instance.enrol()
        try instance.start()
        let client = try SFTPClient(instance, sender)
        #expect(try client.send(client.sender.set()).isAccepted)
        try instance.limitDescriptors(to: 10)
        let strangers = Strangers()
        for port in [instance.port, instance.webPort] { strangers.connect(to: port) }
        let set = try client.sender.set()
        #expect(throws: (any Error).self) { try client.put(set.files, in: .incoming) }
        // Each says so again when it has tried again; whoever turned in circles would say it thousands of times.
        func complaints(_ start: String) -> Int { instance.log.components(separatedBy: start).count - 1 }
        #expect(
            eventually {
                complaints("\"connection not accepted") > 2 && complaints("\"web connection not accepted") > 2
            })
        #expect(complaints("connection not accepted") < 1000)
        try instance.limitDescriptors(to: 4096)
        #expect(try client.send(set).isAccepted)
        let other = try WebClient(instance, instance.enrol(channel: "web"))
        #expect(try other.ask("GET", "/v1/answers").status == 200)
        #expect(instance.stop() == 0)
        #expect(try instance.run("spool", "check").status == 0)
    }
}

/// Connections that say nothing.
private final class Strangers {
    private var descriptors: [Int32] = []

    deinit { for descriptor in descriptors { close(descriptor) } }

    func connect(to port: Int) {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                // A refusal is as good: what counts is that it was tried.
                _ = Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        descriptors.append(descriptor)
    }
}

extension Instance {
    /// Of the running daemon; what it has open already stays open.
    fileprivate func limitDescriptors(to number: Int) throws {
        try Program.need("prlimit", ["--pid", "\(process)", "--nofile=\(number):"])
    }
}
