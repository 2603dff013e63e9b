import Exchange
import Foundation
import TestServers
import Testing

/// The daemon with authorities that publish lists and run responders: real ones, and such as fail or lie.
@Suite struct RevocationSourceTests {
    @Test func `what an authority revokes is refused by itself, on open sessions and with tokens held`()
        throws
    {
        let instance = try Instance()
        let (lists, other) = (try ListServer(), try instance.accept("Authority with a responder"))
        let responder = try OCSPResponder(other)
        try lists.publish(instance.authority.list(revoking: [], number: 1, until: Date() + 3600), "list")
        try instance.learn(instance.authority, "--crl-url", lists.url("list"))
        try instance.learn(other, "--ocsp-url", responder.url)
        let senders = [try instance.enrol(), try instance.enrol(of: other)]
        responder.set(senders[1].signatory)
        try responder.start()
        try instance.start()
        let clients = try senders.map { sender in
            try instance.open("web", of: sender, ["dimona"])
            return (sftp: try SFTPClient(instance, sender), web: try WebClient(instance, sender))
        }
        let tokens = try clients.map { client in
            #expect(try client.sftp.send(client.sftp.sender.set()).isAccepted)
            return try client.web.token()
        }
        for (client, token) in zip(clients, tokens) {
            #expect(try client.web.ask("GET", "/v1/answers", proof: token).status == 200)
        }
        let list = try instance.authority.list(
            revoking: [senders[0].signatory], number: 2, from: Date(), until: Date() + 3600)
        try lists.publish(list, "list")
        responder.set(senders[1].signatory, isRevoked: true)
        try responder.start()
        for (client, token) in zip(clients, tokens) {
            let isRefused = try eventually(within: 60, every: 1) {
                try client.sftp.send(client.sftp.sender.set()).codes == ["ACRF-125"]
            }
            #expect(isRefused)
            let isOut = try eventually(within: 60, every: 1) {
                try client.web.ask("GET", "/v1/answers", proof: token).status == 401
            }
            #expect(isOut)
        }
    }

    @Test func `a source that is down, slow or lying defers its own sets, and they go on when it is well`()
        throws
    {
        let instance = try Instance([("longestPause: 5 min", "longestPause: 1 s")])
        let lists = try ListServer()
        let hour: TimeInterval = 3600
        let troubles = [
            try SourceTrouble.list("missing", "answered 404", instance, lists) { _ in nil },
            try SourceTrouble.list("false", "The list is not signed by the authority", instance, lists) { _ in
                try Authority("false").list(revoking: [], number: 1, until: Date() + hour)
            },
            try SourceTrouble.list("ended", "The list ended at", instance, lists) {
                try $0.list(revoking: [], number: 1, from: Date() - 2 * hour, until: Date() - hour)
            },
            try SourceTrouble.list("early", "The list begins at", instance, lists) {
                try $0.list(revoking: [], number: 1, from: Date() + hour, until: Date() + 2 * hour)
            },
            try SourceTrouble.responder("down", instance, isFalse: false),
            try SourceTrouble.responder("false signer", instance, isFalse: true),
            try SourceTrouble.server("silent", instance) { _ in .silence },
            try SourceTrouble.server("dripping", instance) { _ in .drip },
            try SourceTrouble.server("astray", says: "is about another certificate", instance) { responder in
                .answer(status: 200, body: (try? responder.answerAboutAnother()) ?? [])
            },
        ]
        let honest = try instance.enrol()
        try instance.start()
        let clients = try troubles.map { try SFTPClient(instance, $0.sender) }
        let sets = try clients.map { client in
            let set = try client.sender.set()
            try client.put(set.files, in: .incoming)
            return set
        }
        // Nobody else waits for them.
        let client = try SFTPClient(instance, honest)
        #expect(try client.send(honest.set()).isAccepted)
        for trouble in troubles {
            let isDeferred = try eventually {
                let deferral = try instance.queue(of: trouble.sender).first?["deferral"] as? [String: Any]
                return deferral?["reason"] as? String == "revocation-unknown"
            }
            #expect(isDeferred, "\(trouble.fault)")
            #expect(eventually { instance.log.contains(trouble.fault) }, "\(trouble.fault): \(instance.log)")
        }
        for trouble in troubles { try trouble.mend() }
        for (client, set) in zip(clients, sets) {
            #expect(try client.receipt(for: set.trigger.name).isAccepted)
        }
        #expect(instance.log.contains("is learnt again"))
    }

    @Test func `certificates that end soon are named in the log and marked in the list of senders`() throws {
        let instance = try Instance()
        let day: TimeInterval = 86_400
        for days in [5, 20, 50, 100] {
            let signatory = try instance.authority.issue(
                to: "\(days) days", until: Date() + (Double(days) + 0.5) * day)
            _ = try instance.enrol(signatory: signatory)
        }
        try instance.start()
        for (days, warning) in [(5, 7), (20, 30), (50, 60)] {
            let isSaid = eventually {
                instance.log.split(separator: "\n").contains {
                    $0.contains("a registered certificate ends soon")
                        && $0.contains("\"days\":\"\(warning)\"")
                        && $0.contains("\"owner\":\"\(days) days\"")
                }
            }
            #expect(isSaid, "\(days): \(instance.log)")
        }
        #expect(!instance.log.contains("100 days"))
        let rows = try instance.must("sender", "list", "--json").objects()
        let left = rows.compactMap { ($0["certificateExpiry"] as? [String: Any])?["daysLeft"] as? Int }
        #expect(left == [5, 20, 50, 100])
        let table = try instance.must("sender", "list").output.split(separator: "\n")
        for days in [5, 20, 50] {
            #expect(table.count { $0.contains("(in \(days) d)") } == 1, "\(table)")
        }
        #expect(!table.contains { $0.contains("(in 100 d)") })
    }
}
