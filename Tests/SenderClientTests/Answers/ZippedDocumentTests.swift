import Testing

@testable import SenderClient

@Suite struct ZippedDocumentTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    /// What is in an archive of one document.
    private func unpacked(_ archive: [UInt8], atMost limit: UInt64 = ZippedDocument.largest) throws -> [UInt8]
    {
        var bytes: [UInt8] = []
        let zipped = try ZippedDocument(at: scratch.write(archive, to: "CO"))
        try zipped.unpack(atMost: limit) { bytes.append(contentsOf: $0) }
        return bytes
    }

    @Test(arguments: [true, false])
    func `a document comes out as it went in, up to the limit and no byte beyond`(isPacked: Bool) throws {
        for document in [
            [], [1], TestSets.content(1, size: 700_000), [UInt8](repeating: 0, count: 2_000_000),
        ] {
            let archive = ZipFile.of([("FO", document)], isPacked: isPacked)
            let size = UInt64(document.count)
            #expect(try unpacked(archive, atMost: size) == document)
            guard size > 0 else { continue }
            #expect(throws: ZippedDocument.Fault.self) { try unpacked(archive, atMost: size - 1) }
        }
    }

    @Test func `whatever byte is changed or wherever it ends, an archive gives a document or a fault`() throws
    {
        let document = TestSets.content(3, size: 40) + [UInt8](repeating: 0x20, count: 400)
        let archive = ZipFile.of([("FO", document)])
        for place in archive.indices {
            #expect(throws: ZippedDocument.Fault.self) { try unpacked(Array(archive[..<place])) }
            for change in [0xFF, 0x01, 0x80] as [UInt8] {
                var changed = archive
                changed[place] ^= change
                do {
                    #expect(try unpacked(changed, atMost: 100_000).count <= 100_000)
                } catch {
                    #expect(error is ZippedDocument.Fault, "\(error)")
                }
            }
        }
    }
}
