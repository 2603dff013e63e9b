import Exchange
import Foundation
import Testing

/// A kill between the sealing of a set that was fetched and its removal at the server, on every kind of server.
@Suite struct PolledKillTests {
    @Test func `a daemon killed between fetching a set and removing it takes none twice`() throws {
        // Nothing can be removed at these: what is fetched is held there, in the state between the two.
        let stubborn = try OutsideServers(removing: false)
        let instance = try Instance(Route.changes, polling: stubborn)
        try instance.start()
        var played: [(client: any SenderChannel, accepted: FileSet, refused: FileSet)] = []
        for route in [Route.polledSFTP, .polledFTP, .polledFTPS] {
            let client = try route.client(instance)
            let (accepted, refused) = (try client.sender.set(), try client.sender.set())
            #expect(try client.send(accepted).isAccepted)
            // Without its signature: what is refused binds no name, so that a second taking would be answered again.
            try client.put(refused.declarations + [refused.trigger], in: .incoming)
            #expect(try client.receipt(for: refused.trigger.name).codes == ["ACRF-122"])
            #expect(try client.list(.incoming).count == 5, "\(route)")
            played.append((client, accepted, refused))
        }
        instance.kill()
        let willing = try OutsideServers(over: stubborn.scratch)
        for change in stubborn.changes(to: willing) { try instance.change(change) }
        try instance.start()
        for (client, accepted, refused) in played {
            #expect(try eventually(within: 120) { try client.list(.incoming).isEmpty })
            // A further set has been through everything after the restart.
            #expect(try client.send(client.sender.set()).isAccepted)
            #expect(try instance.queue(of: client.sender).count == 3)
            #expect(try instance.deliveries(of: accepted) == 1)
            let names = try client.answers(in: .outgoing).map(\.fileName)
            #expect(Set(names).count == 3 && names.count == 3, "\(names)")
            #expect(names.contains(refused.trigger.name))
        }
    }
}
