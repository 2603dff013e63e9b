import Exchange
import Foundation
import Testing

/// Sets that are refused: the right code, a signed receipt, nothing delivered, nothing left behind.
@Suite(.served()) struct RefusedSetTests {
    /// One way to spoil a set.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let codes: [String]
        var mailbox = Mailbox.incoming
        var applications = ["dimona", "dmfa"]
        let spoil: @Sendable (Sender, Instance) throws -> FileSet
    }

    static let cases = [
        Case(testDescription: "a byte changed after signing", codes: ["ACRF-125"]) { sender, _ in
            var set = try sender.set()
            set.declarations[0].bytes.append(0x20)
            return set
        },
        Case(testDescription: "a signature that is none", codes: ["ACRF-125"]) { sender, _ in
            var set = try sender.set()
            set.signatures[0].bytes = Array("no signature".utf8)
            return set
        },
        Case(testDescription: "the certificate of another sender", codes: ["ACRF-153"]) { sender, instance in
            try sender.set(signedBy: instance.enrol().signatory)
        },
        Case(testDescription: "a certificate nobody registered", codes: ["ACRF-153"]) { sender, instance in
            try sender.set(signedBy: instance.authority.issue(to: "Unregistered"))
        },
        Case(
            testDescription: "an application not authorised", codes: ["ACRF-168"], applications: ["dimona"]
        ) { sender, _ in try sender.set([Declaration.dmfa], purpose: "DMFA") },
        Case(testDescription: "a purpose no application has", codes: ["ACRF-154"]) { sender, _ in
            try sender.set(purpose: "ABCD")
        },
        Case(testDescription: "a real set in INTEST", codes: ["ACRF-118"], mailbox: .incomingTest) {
            sender, _ in
            try sender.set()
        },
        Case(testDescription: "a test set in IN", codes: ["ACRF-119"]) { sender, _ in
            try sender.set(environment: "T")
        },
        Case(testDescription: "a simulated set in IN", codes: ["ACRF-257"]) { sender, _ in
            try sender.set(environment: "S")
        },
        Case(testDescription: "another sender's number in the name", codes: ["ACRF-108"]) { sender, _ in
            try FileSet(
                stem: "DIMN.123456.\(FileSet.day).00001.R.1", documents: [Array(Declaration.dimona.utf8)],
                signedBy: sender.signatory)
        },
        Case(testDescription: "a document cut short", codes: ["ACRF-102"]) { sender, _ in
            try sender.set([String(Declaration.dimona.dropLast(20))])
        },
        Case(testDescription: "a document with a DOCTYPE", codes: ["ACRF-102"]) { sender, _ in
            let bomb = "<!DOCTYPE Dimona [<!ENTITY a \"aaaa\">]>"
            return try sender.set([
                Declaration.dimona.replacingOccurrences(of: "<Dimona ", with: bomb + "<Dimona ")
            ])
        },
        Case(testDescription: "a document off its schema", codes: ["ACRF-312"]) { sender, _ in
            try sender.set([Declaration.dimona(inss: "85073003328", workerType: "???")])
        },
        Case(testDescription: "a Dimona under the name of a DmfA", codes: ["ACRF-089", "ACRF-158"]) {
            sender, _ in
            try sender.set([Declaration.dimona], purpose: "DMFA")
        },
        Case(testDescription: "no FS", codes: ["ACRF-122"]) { sender, _ in
            var set = try sender.set()
            set.signatures = []
            return set
        },
        Case(testDescription: "an empty FI", codes: ["ACRF-134"]) { sender, _ in
            var set = try sender.set()
            set.declarations[0].bytes = []
            return set
        },
        Case(testDescription: "nothing but a GO", codes: ["ACRF-142", "ACRF-120", "ACRF-122"]) { sender, _ in
            var set = try sender.set()
            set.declarations = []
            set.signatures = []
            return set
        },
    ]

    @Test(arguments: cases)
    func `a spoilt set gets its code and is not delivered`(spoilt: Case) throws {
        let instance = try SharedInstance.running()
        let client = try SFTPClient(instance, instance.enrol(spoilt.applications))
        let set = try spoilt.spoil(client.sender, instance)
        let receipt = try client.send(set, in: spoilt.mailbox)
        #expect(receipt.codes == spoilt.codes)
        #expect(!receipt.isAccepted)
        #expect(receipt.document.contains("<TypeForm>FA</TypeForm>"))
        #expect(try client.list(spoilt.mailbox).isEmpty)
        #expect(try client.answers(in: spoilt.mailbox.answers).count == 1)
        let entry = try instance.must("queue", "show", receipt.ticket, "--json").object()
        #expect(entry["state"] as? String == "refused")
        #expect(entry["codes"] as? [String] == spoilt.codes)
        #expect(try instance.deliveries(of: set) == 0 && instance.deliveries(of: set, to: "test") == 0)
    }

    @Test func `explain tells where in the document, the rule, and how to mend it`() throws {
        let instance = try SharedInstance.running()
        let client = try SFTPClient(instance, instance.enrol())
        let receipt = try client.send(
            client.sender.set([Declaration.dimona(inss: "85073003328", workerType: "???")]))
        let explained = try instance.must("explain", receipt.ticket, "--json", "--language", "fr").object()
        let finding = try #require((explained["findings"] as? [[String: Any]])?.first)
        #expect(finding["code"] as? String == "ACRF-312")
        #expect(finding["line"] as? Int == 12)
        #expect(finding["path"] as? String == "/Dimona/Form/DimonaIn/DimonaFeatures/WorkerType")
        let words = try instance.must("explain", receipt.ticket).output
        for word in ["document: refused", "rule", "mend", ":12:", "1. name: passed"] {
            #expect(words.contains(word), "\(word) is missing in\n\(words)")
        }
    }

    @Test func `a GO whose name cannot be read is answered with all its codes`() throws {
        let instance = try SharedInstance.running()
        let client = try SFTPClient(instance, instance.enrol())
        let name = "GO.DIMN.\(client.sender.number).20231332.0000.R.1"
        try client.put([File(name: name, bytes: [])], in: .incoming)
        let receipt = try client.receipt(for: name)
        #expect(receipt.codes == ["ACRF-110", "ACRF-112"])
        #expect(try client.list(.incoming).isEmpty)
    }

    @Test func `a name with a strange prefix is answered at once`() throws {
        let instance = try SharedInstance.running()
        let client = try SFTPClient(instance, instance.enrol())
        let name = "XX.DIMN.\(client.sender.number).\(FileSet.day).00001.R.1.1"
        try client.put([File(name: name, bytes: [1])], in: .incoming)
        #expect(try client.receipt(for: name).codes == ["ACRF-129"])
    }
}
