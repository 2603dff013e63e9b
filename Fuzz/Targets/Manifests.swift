internal import Exchange
internal import Foundation

@testable internal import Pipeline
@testable internal import Validation

extension FuzzTarget {
    /// The record of a decision, as it lies in the ledger.
    ///
    /// Proves: what is read is written, and read again, as the same; a manifest made of it and of a set with its
    /// documents is read as the same, and names each file in a form that is safe on disk.
    static let manifests = FuzzTarget(name: "manifests", longest: 4096) {
        [Array(record.utf8)]
    } prove: { input in
        guard let record = try? DecisionRecord(json: String(decoding: input, as: UTF8.self)) else { return }
        guard let text = try? record.json() else { return hold(false, "a record that cannot be written") }
        hold((try? DecisionRecord(json: text).json()) == text, "a record that changes")
        let names = ["FI.DMFA.006400.20070423.00001.R.2.1", "FI/\u{0}é"].compactMap { FileName(escaped: $0) }
        let parts = (names + [record.fileName]).flatMap { name in
            record.documents.map { SealedSet.Part(name: name, size: $0.size, digest: $0.digest) }
        }
        let set = SealedSet(
            ticket: record.ticket, sender: record.sender, channel: record.channel, mailbox: record.mailbox,
            receivedAt: record.receivedAt, name: record.fileName, hasTrigger: true, parts: parts)
        let manifest = Manifest(record, of: set)
        hold(manifest.files.count == parts.count, "\(manifest.files.count) files of \(parts.count)")
        guard let json = try? JSONEncoder.stable.encode(manifest) else {
            return hold(false, "a manifest that cannot be written")
        }
        let again = try? JSONDecoder().decode(Manifest.self, from: json)
        hold(again.flatMap { try? JSONEncoder.stable.encode($0) } == json, "a manifest that changes")
    }

    private static let record = """
        {"application":"dmfa","channel":"sftp","checks":[{"findings":[],"inputs":{"name":"GO"},"phase":"name",\
        "rule":"a rule","verdict":"passed"}],"decidedAt":"2026-01-31T08:30:00.123Z","documents":[{"digest":"\
        \(String(repeating: "ab", count: 32))","encoding":"UTF-8","forms":{"DMFA":2},"root":"DmfAOriginal","schema":\
        "DmfAOriginal_20231.xsd","size":12}],"enterprise":"0401234560","environment":"R","fileName":\
        "GO.DMFA.006400.20070423.00001.R.1","mailbox":"IN","policy":\(policy),"purpose":"DMFA","receivedAt":\
        "2026-01-31T08:29:59.000Z","sender":"006400","signatures":[{"algorithm":"RSA-2048 PKCS1 SHA256","certificate":"\
        \(String(repeating: "01", count: 32))","chain":\(chain),"form":"raw","issuer":"CN=A","payloadDigest":"\
        \(String(repeating: "ab", count: 32))","serialHexadecimal":"0A","signatureDigest":"\
        \(String(repeating: "02", count: 32))","subject":"CN=B","verifiedAt":"2026-01-31T08:30:00.000Z"}],\
        "ticket":"\(Ticket(.set, counter: 1))","verdict":"accepted"}
        """

    private static var policy: String { json(DecisionPolicy()) }
    private static var chain: String { json(ChainEvidence(chain: [], revocation: [])) }

    private static func json(_ value: some Encodable) -> String {
        (try? JSONEncoder.stable.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "null"
    }
}
