internal import Exchange
internal import Foundation
internal import Validation

/// One set of the demo: who sends what, how it is spoilt, and what the sender must get.
struct DemoCase {
    let title: String
    let sender: DemoCast.Member
    let purpose: String
    let sequence: Int
    let document: String
    /// Who signs; the sender itself unless the case is about that.
    let signer: DemoCast.Member
    var mailbox = Mailbox.incoming
    /// What happens to the document after it was signed.
    var change: (String) -> String = { $0 }
    /// Codes of the receipt; none for an accepted set.
    var expected: [ReceptionCode] = []

    /// FI, FS and GO under their real names.
    func files(on day: String) throws -> [(name: String, bytes: [UInt8])] {
        let compact = day.replacing("-", with: "")
        let stem = "\(purpose).\(sender.number).\(compact).\(String(sequence).leftPadded(to: 5)).R.1"
        let signature = try signer.signer.sign(Array(document.utf8))
        return [
            ("FI.\(stem).1", Array(change(document).utf8)), ("FS.\(stem).1", signature), ("GO.\(stem)", []),
        ]
    }

    static func all(_ cast: DemoCast, on day: String) -> [DemoCase] {
        let (acme, globex) = (cast.acme, cast.globex)
        let dmfa = DemoDocument.dmfa(on: day)
        let dimona = DemoDocument.dimona(on: day)
        return [
            DemoCase(
                title: "Acme sends a DmfA", sender: acme, purpose: "DMFA", sequence: 1, document: dmfa,
                signer: acme),
            DemoCase(
                title: "Globex sends a Dimona", sender: globex, purpose: "DIMN", sequence: 1,
                document: dimona,
                signer: globex),
            DemoCase(
                title: "a file changed after signing", sender: acme, purpose: "DMFA", sequence: 2,
                document: dmfa,
                signer: acme, change: { $0.replacing("250000", with: "150000") },
                expected: [.signatureInvalid]),
            DemoCase(
                title: "signed with another sender's certificate", sender: acme, purpose: "DIMN", sequence: 3,
                document: dimona, signer: globex, expected: [.certificateNotOfSender]),
            DemoCase(
                title: "an application Globex is not authorised for", sender: globex, purpose: "DMFA",
                sequence: 2,
                document: dmfa, signer: globex, expected: [.accessModeNotAuthorised]),
            DemoCase(
                title: "a real set in the test directory", sender: acme, purpose: "DIMN", sequence: 4,
                document: dimona,
                signer: acme, mailbox: .incomingTest, expected: [.realOutsideIN]),
            DemoCase(
                title: "a document that is not well-formed", sender: acme, purpose: "DIMN", sequence: 5,
                document: dimona.replacing("</DimonaIn>", with: ""), signer: acme, expected: [.notWellFormed]),
            DemoCase(
                title: "a document that does not fit its schema", sender: acme, purpose: "DIMN", sequence: 6,
                document: dimona.replacing(
                    "<WorkerType>OTH</WorkerType>", with: "<WorkerType>???</WorkerType>"),
                signer: acme, expected: [.invalidAgainstSchema]),
        ]
    }
}
