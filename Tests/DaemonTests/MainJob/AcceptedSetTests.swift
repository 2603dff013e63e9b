import Exchange
import Foundation
import Testing

/// The main job over OpenSSH's `sftp`: a set arrives, is decided, delivered, and answered.
@Suite(.served()) struct AcceptedSetTests {
    @Test(arguments: ["DIMN", "DMFA"])
    func `an accepted real set is delivered whole and answered with one receipt`(
        purpose: String
    ) throws {
        let document = purpose == "DMFA" ? Declaration.dmfa : Declaration.dimona
        let instance = try SharedInstance.running()
        let client = try SFTPClient(instance, instance.enrol())
        let set = try client.sender.set([document], purpose: purpose)
        let receipt = try client.send(set)
        #expect(receipt.isAccepted && receipt.codes.isEmpty)
        #expect(receipt.stem.wholeMatch(of: #/ACRF\.999999\.\d{8}\.[0-9A-Z]{5}\.R/#) != nil)
        #expect(receipt.document.contains("<TypeForm>PA</TypeForm>"))
        #expect(Ticket(receipt.ticket) != nil)
        let answers = ["FO", "FS", "GO"].map { "\($0).\(receipt.stem)" }
        #expect(try client.list(.outgoing).sorted() == answers)
        #expect(try client.get("GO.\(receipt.stem)", from: .outgoing).isEmpty)
        #expect(try client.list(.incoming).isEmpty)

        try #require(try eventually { try instance.deliveries(of: set) == 1 })
        let folder = instance.path("destinations/real/\(receipt.ticket)")
        #expect(names(in: folder) == [set.declarations[0].name, "manifest.json"])
        #expect(try bytes(of: folder + "/" + set.declarations[0].name) == Array(document.utf8))
        try expectManifest(of: receipt, set, client.sender, in: instance)
    }

    private func expectManifest(
        of receipt: Receipt, _ set: FileSet, _ sender: Sender, in instance: Instance
    ) throws {
        let manifest = try instance.manifest(of: receipt.ticket)
        #expect(manifest["ticket"] as? String == receipt.ticket)
        #expect(manifest["sender"] as? String == sender.number)
        #expect(manifest["channel"] as? String == "sftp")
        #expect(manifest["environment"] as? String == "R")
        let file = try #require((manifest["files"] as? [[String: Any]])?.first)
        let digest = try Program.need(
            "sha256sum", [instance.path("destinations/real/\(receipt.ticket)/\(set.declarations[0].name)")])
        #expect(digest.hasPrefix(file["sha256"] as? String ?? "none"))
        let signature = try #require(file["signature"] as? [String: Any])
        #expect(signature["certificate"] as? String == sender.signatory.certificate.fingerprint.description)
    }

    @Test func `nothing lies in a destination but whole deliveries`() throws {
        let instance = try SharedInstance.running()
        let client = try SFTPClient(instance, instance.enrol())
        let receipts = try (1...3).map { _ in try client.send(client.sender.set()) }
        let isTidy = eventually {
            let entries = names(in: instance.path("destinations/real"))
            return receipts.allSatisfy { entries.contains($0.ticket) }
                && !entries.contains { $0.hasPrefix(".staged") }
        }
        #expect(isTidy)
        #expect(
            names(in: instance.path("destinations/real")).allSatisfy {
                $0.hasPrefix(".") || Ticket($0) != nil
            })
    }

    @Test func `the operator sees the set in the queue, its receipt and the reasons`() throws {
        let instance = try SharedInstance.running()
        let client = try SFTPClient(instance, instance.enrol())
        let set = try client.sender.set()
        let receipt = try client.send(set)
        try #require(
            try eventually {
                try instance.must("queue", "show", receipt.ticket, "--json").object()["state"] as? String
                    == "routed"
            })
        let entry = try instance.must("queue", "show", receipt.ticket, "--json").object()
        #expect(entry["name"] as? String == set.trigger.name)
        #expect(entry["directory"] as? String == "IN")
        #expect(entry["receipt"] as? String == "FO." + receipt.stem)
        #expect((entry["parts"] as? [Any])?.count == 2)
        #expect(try instance.must("queue", "show", receipt.ticket).output.contains("State      routed"))
        #expect(try instance.must("queue", "list", "--all").output.contains(receipt.ticket))
        #expect(try !instance.must("queue", "list", "--waiting").output.contains(receipt.ticket))
        #expect(try instance.must("receipt", "show", receipt.ticket).output == receipt.document + "\n")
        let shown = try instance.must("receipt", "show", receipt.ticket, "--json").object()
        #expect(shown["document"] as? String == receipt.document)
        #expect(shown["state"] as? String == "published")

        let explained = try instance.must("explain", receipt.ticket, "--json").object()
        let record = try #require(explained["record"] as? [String: Any])
        let checks = try #require(record["checks"] as? [[String: Any]])
        #expect(checks.map { $0["phase"] as? String } == ["name", "set", "right", "signature", "document"])
        #expect(checks.allSatisfy { $0["verdict"] as? String == "passed" })
        let words = try instance.must("explain", receipt.ticket).output
        #expect(words.contains(sender: client.sender) && words.contains("accepted"))
    }

    @Test func `a test set is decided in full and delivered to the test destination only`() throws {
        let instance = try SharedInstance.running()
        let client = try SFTPClient(instance, instance.enrol())
        let set = try client.sender.set(environment: "T")
        let receipt = try client.send(set, in: .incomingTest)
        #expect(receipt.isAccepted)
        #expect(receipt.stem.hasSuffix(".T"))
        #expect(try eventually { try instance.deliveries(of: set, to: "test") == 1 })
        #expect(try instance.deliveries(of: set) == 0)
        var unsigned = try client.sender.set(environment: "T")
        unsigned.signatures = []
        #expect(try client.send(unsigned, in: .incomingTest).codes == ["ACRF-122"])
    }

    @Test func `a simulated set needs no signature and is never delivered`() throws {
        let instance = try SharedInstance.running()
        let client = try SFTPClient(instance, instance.enrol())
        var set = try client.sender.set(environment: "S")
        set.signatures = []
        let receipt = try client.send(set, in: .incomingSimulation)
        #expect(receipt.isAccepted)
        #expect(receipt.stem.hasSuffix(".S"))
        #expect(try client.list(.outgoingSimulation).count == 3)
        let isRouted = try eventually {
            try instance.must("queue", "show", receipt.ticket, "--json").object()["state"] as? String
                == "routed"
        }
        #expect(isRouted)
        #expect(try instance.deliveries(of: set) == 0)
        #expect(try instance.deliveries(of: set, to: "test") == 0)
    }

    @Test func `a set of three parts is one set with one receipt`() throws {
        let instance = try SharedInstance.running()
        let client = try SFTPClient(instance, instance.enrol())
        let people = ["85073003328", "01020300170", "85473003317"]
        let set = try client.sender.set(people.map { Declaration.dimona(inss: $0) })
        let receipt = try client.send(set)
        #expect(receipt.isAccepted)
        #expect(set.trigger.name.hasSuffix(".R.3"))
        #expect(try eventually { try instance.deliveries(of: set) == 1 })
        let delivered = names(in: instance.path("destinations/real/\(receipt.ticket)"))
        #expect(delivered == set.declarations.map(\.name) + ["manifest.json"])
        #expect(try client.answers(in: .outgoing).count == 1)
    }

    @Test func `a set signed with our own command is as good`() throws {
        let instance = try SharedInstance.running()
        let client = try SFTPClient(instance, instance.enrol())
        let set = try client.sender.set([Declaration.dimona, Declaration.dimona])
        let place = try Scratch()
        let paths = try set.declarations.map { try place.write($0.bytes, to: "set/" + $0.name) }
        let signatory = client.sender.signatory
        try Program.need(
            Built.ecluse(),
            ["sign"] + paths + [
                "--key", place.write(signatory.keyPEM, to: "k.pem"), "--certificate",
                place.write(signatory.certificate.der, to: "c.cer"),
            ])
        let written = try set.files.map {
            File(name: $0.name, bytes: try bytes(of: place.file("set/" + $0.name)))
        }
        #expect(names(in: place.file("set")).count == 5)
        try client.put(written, in: .incoming)
        #expect(try client.receipt(for: set.trigger.name).isAccepted)
    }

    @Test func `a signature made with the openssl command is as good`() throws {
        let instance = try SharedInstance.running()
        let client = try SFTPClient(instance, instance.enrol())
        var set = try client.sender.set()
        let place = try Scratch()
        let signed = try Program.need(
            "openssl",
            [
                "cms", "-sign", "-binary", "-outform", "PEM", "-md", "sha384",
                "-in", place.write(set.declarations[0].bytes, to: "FI"),
                "-signer", place.write(client.sender.signatory.pem, to: "c.pem"),
                "-inkey", place.write(client.sender.signatory.keyPEM, to: "k.pem"),
            ])
        set.signatures[0].bytes = Array(signed.utf8)
        #expect(try client.send(set).isAccepted)
    }
}

extension String {
    fileprivate func contains(sender: Sender) -> Bool { contains("sender \(sender.number)") }
}
