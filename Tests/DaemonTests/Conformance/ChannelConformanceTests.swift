import Exchange
import Foundation
import Testing

/// What every channel promises a sender, run on every channel there is.
@Suite(.polling(Route.changes)) struct ChannelConformanceTests {
    static let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]

    @Test(arguments: Route.withDirectories, orders)
    func `a set is taken whatever the order of its files`(route: Route, order: [Int]) throws {
        let instance = try SharedInstance.running()
        let client = try route.client(instance)
        let set = try client.sender.set()
        try client.put(order.map { set.files[$0] }, in: .incoming)
        let receipt = try client.receipt(for: set.trigger.name)
        #expect(receipt.isAccepted, "\(receipt.codes)")
        #expect(try eventually { try instance.deliveries(of: set) == 1 })
        #expect(try eventually { try client.list(.incoming).isEmpty })
        let rows = try instance.queue(of: client.sender)
        #expect(rows.map { $0["channel"] as? String } == [route.channel])
        #expect(rows.map { $0["channelCode"] as? Int } == [route.channelCode])
    }

    @Test(arguments: [[0, 1, 2], [1, 0, 2]])
    func `over the web the files of an upload come in any order before it is closed`(order: [Int]) throws {
        let instance = try SharedInstance.running()
        let client = try WebClient(instance, Route.web.sender(instance))
        let set = try client.sender.set()
        try client.put(order.map { set.files[$0] }, in: .incoming)
        let receipt = try client.receipt(for: set.trigger.name)
        #expect(receipt.isAccepted, "\(receipt.codes)")
        #expect(try eventually { try instance.deliveries(of: set) == 1 })
        let rows = try instance.queue(of: client.sender)
        #expect(rows.map { $0["channelCode"] as? Int } == [Route.web.channelCode])
    }

    @Test(arguments: Route.withDirectories)
    func `nothing is looked at before its GO, and a cut upload is made good by a whole one`(route: Route)
        throws
    {
        let instance = try SharedInstance.running()
        let client = try route.client(instance)
        let set = try client.sender.set()
        try client.put(set.signatures, in: .incoming)
        try client.putHalf(of: set.declarations[0], in: .incoming)
        // A second, whole set has been through everything; the cut one was not touched meanwhile.
        let other = try client.sender.set()
        #expect(try client.send(other).isAccepted)
        #expect(try client.list(.incoming).sorted() == [set.declarations[0].name, set.signatures[0].name])
        #expect(
            try client.get(set.declarations[0].name, from: .incoming).count == set.declarations[0].bytes.count
                / 2)
        #expect(try instance.queue(of: client.sender).count == 1)
        try client.put(set.declarations + [set.trigger], in: .incoming)
        #expect(try client.receipt(for: set.trigger.name).isAccepted)
    }

    @Test(arguments: Route.withDirectories)
    func `a cut upload under a GO is judged as it is, never as more`(route: Route) throws {
        let instance = try SharedInstance.running()
        let client = try route.client(instance)
        let set = try client.sender.set()
        try client.put(set.signatures, in: .incoming)
        try client.putHalf(of: set.declarations[0], in: .incoming)
        try client.put([set.trigger], in: .incoming)
        let receipt = try client.receipt(for: set.trigger.name)
        #expect(!receipt.isAccepted)
        #expect(try instance.deliveries(of: set) == 0)
    }

    @Test func `an upload over the web is closed only when its files are whole`() throws {
        let instance = try SharedInstance.running()
        let client = try WebClient(instance, Route.web.sender(instance))
        let set = try client.sender.set()
        try client.put(set.signatures, in: .incoming)
        try client.putHalf(of: set.declarations[0], in: .incoming)
        #expect(throws: Program.Fault.self) { try client.put([set.trigger], in: .incoming) }
        #expect(try instance.queue(of: client.sender).isEmpty)
        try client.put(set.declarations + [set.trigger], in: .incoming)
        #expect(try client.receipt(for: set.trigger.name).isAccepted)
    }

    @Test(arguments: Route.allCases)
    func `a GO without its files waits for them, then is answered with what is missing`(route: Route) throws {
        let instance = try SharedInstance.running()
        let client = try route.client(instance)
        let set = try client.sender.set()
        try client.put(set.declarations + [set.trigger], in: .incoming)
        #expect(try client.receipt(for: set.trigger.name).codes == ["ACRF-122"])
        #expect(try eventually { try client.list(.incoming).isEmpty })
    }

    @Test(arguments: Route.allCases)
    func `a TD takes back what has no GO yet, without an answer`(route: Route) throws {
        let instance = try SharedInstance.running()
        let client = try route.client(instance)
        let set = try client.sender.set()
        try client.put(set.declarations + set.signatures + [set.cancellation], in: .incoming)
        #expect(try eventually { try client.list(.incoming).isEmpty })
        let receipt = try client.send(set)
        #expect(receipt.isAccepted)
        #expect(try client.answers(in: .outgoing).count == 1)
        #expect(try instance.queue(of: client.sender).count == 1)
    }

    @Test(arguments: Route.withDirectories)
    func `a file is replaced as often as one likes before the GO`(route: Route) throws {
        let instance = try SharedInstance.running()
        let client = try route.client(instance)
        let set = try client.sender.set()
        let wrong = File(name: set.declarations[0].name, bytes: pattern(9000))
        try client.put([wrong] + set.signatures + [wrong], in: .incoming)
        #expect(try client.get(wrong.name, from: .incoming) == wrong.bytes)
        try client.put(set.declarations + [set.trigger], in: .incoming)
        #expect(try client.receipt(for: set.trigger.name).isAccepted)
    }

    @Test(arguments: Route.withDirectories)
    func `files may come under a temporary name and be renamed, the GO too`(route: Route) throws {
        let instance = try SharedInstance.running()
        let client = try route.client(instance)
        let set = try client.sender.set()
        for file in set.files {
            try client.put([File(name: file.name + ".filepart", bytes: file.bytes)], in: .incoming)
            try client.rename(file.name + ".filepart", to: file.name, in: .incoming)
        }
        #expect(try client.receipt(for: set.trigger.name).isAccepted)
        #expect(try eventually { try client.list(.incoming).isEmpty })
    }

    @Test(arguments: Route.withDirectories)
    func `a sender removes its own file before the GO`(route: Route) throws {
        let instance = try SharedInstance.running()
        let client = try route.client(instance)
        let set = try client.sender.set()
        let stray = File(name: "FI" + set.declarations[0].name.dropFirst(2).dropLast(3) + "1.2", bytes: [1])
        try client.put([stray] + set.declarations + set.signatures, in: .incoming)
        try client.remove(stray.name, in: .incoming)
        #expect(try client.list(.incoming).sorted() == [set.declarations[0].name, set.signatures[0].name])
        try client.put([set.trigger], in: .incoming)
        #expect(try client.receipt(for: set.trigger.name).isAccepted)
    }

    @Test(arguments: Route.allCases)
    func `a repeat gets the first receipt again, other bytes get 133`(route: Route) throws {
        let instance = try SharedInstance.running()
        let client = try route.client(instance)
        let set = try client.sender.set()
        let first = try client.send(set)
        for name in try client.list(.outgoing) { try client.remove(name, in: .outgoing) }
        #expect(try client.send(set) == first)
        let other = try FileSet(
            stem: set.stem, documents: [Array(Declaration.dimona(inss: "01020300170").utf8)],
            signedBy: client.sender.signatory)
        try client.put(other.files, in: .incoming)
        let second = try client.receipt(for: set.trigger.name, besides: ["GO.\(first.stem)"])
        #expect(second.codes == ["ACRF-133"])
        #expect(try instance.deliveries(of: set) == 1)
    }

    @Test(arguments: Route.allCases, [Mailbox.incoming, .incomingTest, .incomingSimulation])
    func `each environment has its directories`(route: Route, mailbox: Mailbox) throws {
        let instance = try SharedInstance.running()
        let client = try route.client(instance)
        let receipt = try client.send(
            client.sender.set(environment: mailbox.environment.rawValue), in: mailbox)
        #expect(receipt.isAccepted, "\(receipt.codes)")
        #expect(receipt.stem.hasSuffix("." + mailbox.environment.rawValue))
        for other in [Mailbox.outgoing, .outgoingTest, .outgoingSimulation] where other != mailbox.answers {
            #expect(try client.list(other).isEmpty)
        }
    }

    @Test(arguments: Route.withDirectories)
    func `a set in the wrong directory is answered beside that directory`(route: Route) throws {
        let instance = try SharedInstance.running()
        let client = try route.client(instance)
        let receipt = try client.send(client.sender.set(environment: "R"), in: .incomingTest)
        #expect(receipt.codes == ["ACRF-118"])
        #expect(receipt.stem.hasSuffix(".T"))
        #expect(try client.list(.outgoing).isEmpty)
    }

    @Test(arguments: Route.allCases)
    func `two senders at once do not see or disturb each other`(route: Route) throws {
        let instance = try SharedInstance.running()
        let clients = [try route.client(instance), try route.client(instance)]
        try concurrently(
            clients.map { client in
                {
                    for _ in 1...5 {
                        let receipt = try client.send(client.sender.set())
                        guard receipt.isAccepted else { throw Program.Fault(description: "\(receipt.codes)") }
                    }
                }
            })
        for client in clients {
            #expect(try client.list(.outgoing).count == 15)
            let answered = try client.answers(in: .outgoing).map(\.fileName)
            #expect(answered.allSatisfy { $0.contains(".\(client.sender.number).") })
        }
    }

    @Test(arguments: Route.allCases)
    func `a certificate revoked in the registry signs no more`(route: Route) throws {
        let instance = try SharedInstance.running()
        let client = try route.client(instance)
        #expect(try client.send(client.sender.set()).isAccepted)
        let token = try (client as? WebClient)?.token()
        let fingerprint = client.sender.signatory.certificate.fingerprint.description
        try instance.must("sender", "certificate", "revoke", client.sender.number, fingerprint)
        let isRefused = try eventually(within: 60) {
            guard let web = client as? WebClient else {
                return try client.send(client.sender.set()).codes == ["ACRF-153"]
            }
            // Neither the certificate opens it, nor the token it was given before.
            return try [nil, token].allSatisfy { try web.ask("GET", "/v1/answers", proof: $0).status == 401 }
        }
        #expect(isRefused)
    }

    @Test(arguments: Route.withDirectories)
    func `two sessions that upload the same set deliver it once`(route: Route) throws {
        let instance = try SharedInstance.running()
        let sender = try route.sender(instance)
        let clients = [try route.client(instance, of: sender), try route.client(instance, of: sender)]
        let set = try sender.set()
        // The slower one may be told that its file is taken over, or find its files gone with the other's set.
        try concurrently(clients.map { client in { try? client.put(set.files, in: .incoming) } })
        _ = try eventually(within: 5) { try clients[0].list(.incoming).isEmpty }
        try clients[0].put(set.files, in: .incoming)
        let isSettled = try eventually {
            let rows = try instance.queue(of: sender)
            return try clients[0].list(.incoming).isEmpty
                && rows.allSatisfy { ["routed", "refused"].contains($0["state"] as? String) }
                && clients[0].answers(in: .outgoing).contains { $0.isAccepted }
        }
        #expect(isSettled)
        #expect(try instance.deliveries(of: set) == 1)
        #expect(try clients[0].answers(in: .outgoing).count { $0.isAccepted } == 1)
    }
}
