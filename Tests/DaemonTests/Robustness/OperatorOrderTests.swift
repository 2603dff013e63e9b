import Exchange
import Foundation
import Testing

/// An operator's orders, to a daemon that runs and to a spool that nobody works on.
@Suite(.served()) struct OperatorOrderTests {
    /// An instance whose destination takes nothing until `mend`, and a set that waits for it with a long pause.
    private struct Waiting {
        let instance: Instance
        let client: SFTPClient
        let set: FileSet
        let ticket: String

        init() throws {
            instance = try Instance()
            // A file where the destination's folder should be.
            try Data().write(to: URL(fileURLWithPath: instance.path("destinations")))
            try instance.start()
            client = try SFTPClient(instance, instance.enrol())
            set = try client.sender.set()
            ticket = try client.send(set).ticket
            let (instance, ticket) = (instance, ticket)
            // So many failures that the next pause is much longer than the test waits for anything.
            try #require(
                try eventually {
                    try instance.must("queue", "show", ticket, "--json").object()["attempt"] as? Int ?? 0 >= 2
                })
        }

        func mend() throws {
            try FileManager.default.removeItem(atPath: instance.path("destinations"))
        }

        func state() throws -> String? {
            try instance.must("queue", "show", ticket, "--json").object()["state"] as? String
        }
    }

    @Test func `a held set stays where it is until it is released`() throws {
        let waiting = try Waiting()
        try #require(
            try eventually {
                try waiting.instance.run("queue", "hold", waiting.ticket, "--reason", "Ask payroll first.")
                    .status == 0
            })
        #expect(try waiting.state() == "held")
        #expect(
            try waiting.instance.must("queue", "list").output.contains("operator-hold: Ask payroll first."))
        try waiting.mend()
        // A later set of the same sender passes the held one.
        let later = try waiting.client.sender.set()
        #expect(try waiting.client.send(later).isAccepted)
        #expect(try eventually { try waiting.instance.deliveries(of: later) == 1 })
        #expect(try waiting.instance.deliveries(of: waiting.set) == 0)
        try waiting.instance.must("queue", "release", waiting.ticket)
        #expect(try eventually { try waiting.instance.deliveries(of: waiting.set) == 1 })
        #expect(try eventually { try waiting.state() == "routed" })
    }

    @Test func `a deferred set is tried at once when it is asked for`() throws {
        let waiting = try Waiting()
        try waiting.mend()
        try waiting.instance.must("queue", "requeue", waiting.ticket)
        #expect(try eventually { try waiting.instance.deliveries(of: waiting.set) == 1 })
    }

    @Test func `orders are taken while no daemon works`() throws {
        let waiting = try Waiting()
        #expect(waiting.instance.stop() == 0)
        try waiting.instance.must("queue", "hold", waiting.ticket)
        #expect(try waiting.state() == "held")
        try waiting.mend()
        try waiting.instance.start()
        #expect(try waiting.state() == "held")
        #expect(waiting.instance.stop() == 0)
        try waiting.instance.must("queue", "release", waiting.ticket)
        try waiting.instance.start()
        #expect(try eventually { try waiting.instance.deliveries(of: waiting.set) == 1 })
    }

    @Test func `an order without a daemon leaves the held bytes that the configuration keeps`() throws {
        let instance = try Instance([("heldRetention: 0 s", "heldRetention: 3650 d")])
        try instance.start()
        let client = try SFTPClient(instance, instance.enrol())
        let ticket = try client.send(client.sender.set()).ticket
        try #require(
            try eventually {
                try instance.must("queue", "show", ticket, "--json").object()["state"] as? String == "routed"
            })
        #expect(instance.stop() == 0)
        let held = names(in: instance.path("spool/held/\(ticket)"))
        try #require(!held.isEmpty)
        try instance.must("receipt", "resend", ticket)
        for order in ["hold", "release", "requeue"] {
            #expect(try instance.run("queue", order, ticket).status == 4)
        }
        #expect(names(in: instance.path("spool/held/\(ticket)")) == held)
    }

    @Test func `an order that gets no answer does not keep the others from being handed in`() throws {
        let instance = try Instance()
        let tickets = (1...2).map { Ticket(.set, counter: $0).description }
        // Hangs up on everybody, as a daemon does that ends in the middle of an order.
        let rude = """
            import socket, sys
            s = socket.socket(socket.AF_UNIX)
            s.bind(sys.argv[1])
            s.listen(8)
            print("listening", flush=True)
            while True:
                s.accept()[0].close()
            """
        let nothing = try Capture()
        let daemon = try RunningProgram(
            "python3", ["-c", rude, instance.path("spool/run/orders")], input: nothing.reading)
        defer { daemon.kill() }
        try #require(eventually { daemon.output.contains("listening") })
        let run = try instance.run("queue", "hold", tickets[0], tickets[1])
        #expect(run.status == 75, "\(run.errors)")
        let complaints = run.errors.split(separator: "\n").filter { $0.contains("did not answer") }
        #expect(complaints.count == 2, "\(run.errors)")
    }

    @Test func `a receipt that is gone from its directory is published again`() throws {
        let instance = try SharedInstance.running()
        let client = try SFTPClient(instance, instance.enrol())
        let receipt = try client.send(client.sender.set())
        for prefix in ["FO", "FS", "GO"] { try client.remove("\(prefix).\(receipt.stem)", in: .outgoing) }
        #expect(try client.list(.outgoing).isEmpty)
        try instance.must("receipt", "resend", receipt.ticket)
        #expect(try eventually { try client.list(.outgoing).contains("GO.\(receipt.stem)") })
        #expect(try client.get("FO.\(receipt.stem)", from: .outgoing) == Array(receipt.document.utf8))
    }

    @Test func `orders that cannot be carried out say why`() throws {
        let instance = try SharedInstance.running()
        let client = try SFTPClient(instance, instance.enrol())
        let receipt = try client.send(client.sender.set())
        try #require(
            try eventually {
                try instance.must("queue", "show", receipt.ticket, "--json").object()["state"] as? String
                    == "routed"
            })
        let stranger = Ticket(.set, counter: 999_999).description
        for order in ["hold", "release", "requeue"] {
            let settled = try instance.run("queue", order, receipt.ticket)
            #expect(settled.status == 4, "\(settled.errors)")
            #expect(settled.errors.contains(receipt.ticket))
            let unknown = try instance.run("queue", order, stranger)
            #expect(unknown.status == 3, "\(unknown.errors)")
        }
        #expect(try instance.run("receipt", "resend", stranger).status == 3)
    }

    @Test func `nobody but the owner of the spool reaches the daemon's socket, and nonsense harms nothing`()
        throws
    {
        let instance = try SharedInstance.running()
        let socket = instance.path("spool/run/orders")
        let mode = try FileManager.default.attributesOfItem(atPath: socket)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let nonsense = """
            import socket, sys
            for words in (b"", b"nonsense\\n", b"{}\\n", b"x" * 100000):
                s = socket.socket(socket.AF_UNIX)
                s.connect(sys.argv[1])
                try:
                    s.sendall(words)
                    s.shutdown(socket.SHUT_WR)
                    s.recv(10)
                except OSError:
                    pass
                s.close()
            """
        let run = try Program.run("python3", ["-c", nonsense, socket])
        #expect(run.status == 0, "\(run.errors)")
        let stranger = Ticket(.set, counter: 999_999).description
        #expect(try instance.run("queue", "release", stranger).status == 3)
    }
}
