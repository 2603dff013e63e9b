import Exchange
import Foundation
import Testing

@testable import WebChannel

@Suite struct UploadFieldTests {
    @Test func `a note says the same after it was written and read`() throws {
        let file = try #require(FileName("FI.DMFA.006400.20230420.00001.R.1.1"))
        var note = UploadNote(trigger: try #require(FileName("GO.DMFA.006400.20230420.00001.R.1")))
        note[file] = 42
        #expect(UploadNote(try note.bytes) == note)
        #expect(note.files == [file])
        #expect(UploadNote(Array("{}".utf8)) == nil)
        #expect(UploadNote(nil) == nil)
        #expect(
            UploadNote(
                Array(
                    String(decoding: try note.bytes, as: UTF8.self)
                        .replacingOccurrences(of: "\"version\":1", with: "\"version\":2").utf8)) == nil)
    }

    @Test func `bytes are checked against what was promised`() throws {
        var check = try BodyCheck(uploadChecksum: "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=")
        #expect(!check.holds)
        Array("hello ".utf8).withUnsafeBytes { check.add($0) }
        Array("world".utf8).withUnsafeBytes { check.add($0) }
        #expect(check.holds)
        var digest = try #require(
            try BodyCheck(contentDigest: "md5=:AAAA:, sha-256=:uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=:")
        )
        Array("hello world".utf8).withUnsafeBytes { digest.add($0) }
        #expect(digest.holds)
        #expect(try BodyCheck(contentDigest: "sha-512=:AAAA:") == nil)
    }

    @Test(arguments: ["sha1", "md5 AAAA", "sha256 ???", "", "sha1 a b"])
    func `a checksum that cannot be read is refused`(field: String) {
        #expect(throws: Problem.self) { try BodyCheck(uploadChecksum: field) }
    }

    @Test(arguments: ["sha-256", "sha-256=AAAA", "sha-256=:AAAA:", "sha-256=::", "sha-256=:"])
    func `a digest that cannot be read is refused`(field: String) {
        #expect(throws: Problem.self) { try BodyCheck(contentDigest: field) }
    }

    @Test func `metadata give one name`() {
        #expect(UploadMetadata("filename RkkuQQ==,type AAAA")?.fileName.escaped == "FI.A")
        #expect(UploadMetadata("filename RkkuQQ==")?.field == "filename RkkuQQ==")
        for field in [
            "", "filename", "filename RkkuQQ==,filename RkkuQQ==", "filename ???", "filename Li4vYQ==",
            "name RkkuQQ==",
        ] {
            #expect(UploadMetadata(field) == nil, "\(field)")
        }
    }

    @Test func `a date is written as HTTP writes it`() {
        #expect(Date(timeIntervalSince1970: 784_111_777).httpDate == "Sun, 06 Nov 1994 08:49:37 GMT")
    }

    @Test func `a file has one writer, and a set is closed by nobody else`() throws {
        let hands = UploadsInHand()
        func set(_ counter: Int64, of sender: SenderNumber = TestService.sender) -> UploadsInHand.NamedSet {
            UploadsInHand.NamedSet(
                Ticket(.set, counter: counter), of: WebCaller(sender: sender, proof: .token, scopes: []))
        }
        let ticket = set(1)
        let one = try #require(FileName("FI.1"))
        let two = try #require(FileName("FI.2"))
        #expect(hands.take(one, of: ticket))
        #expect(!hands.take(one, of: ticket))
        #expect(hands.take(two, of: ticket))
        #expect(hands.take(one, of: set(2)))
        #expect(!hands.takeWhole(ticket))
        // Another sender that names the ticket is in nobody's way, nor anybody in its.
        #expect(hands.takeWhole(set(1, of: TestService.otherSender)))
        hands.giveBack(one, of: ticket)
        #expect(!hands.holds(one, of: ticket))
        #expect(hands.holds(two, of: ticket))
        hands.giveBack(two, of: ticket)
        #expect(hands.takeWhole(ticket))
        #expect(!hands.take(one, of: ticket))
        hands.giveBackWhole(ticket)
        #expect(hands.take(one, of: ticket))
    }
}
