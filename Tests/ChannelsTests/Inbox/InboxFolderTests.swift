import Exchange
import Foundation
import Synchronization
import Testing

@testable import Channels

/// The watched folder: the inbox over a directory of this machine.
@Suite struct InboxFolderTests {
    private let directory: TemporaryDirectory
    private let stand: InboxStand
    private let sender: SenderNumber
    private let stem = InboxRig.stem

    init() throws {
        directory = try TemporaryDirectory()
        sender = try #require(SenderNumber("006400"))
        stand = InboxStand(
            over: FolderFileServer(root: directory.file("folders")), [InboxAccount(folderOf: sender)], .folder
        )
        stand.look()
    }

    private func put(_ name: String, _ text: String = "") throws {
        _ = try directory.write(text.utf8, to: "folders/006400/IN/\(name)")
    }

    private func names(_ path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.file("folders/" + path)).sorted()
    }

    @Test func `the six directories are made for each sender of the channel and for no other`() throws {
        #expect(try names("") == ["006400"])
        #expect(try names("006400") == Mailbox.allCases.map(\.rawValue).sorted())
        try FileManager.default.removeItem(atPath: directory.file("folders/006400/OUT"))
        stand.look()
        #expect(try names("006400").contains("OUT"), "it was not made again")
    }

    @Test func `a set is handed in whole and leaves the directory`() throws {
        try put("FI.\(stem).1", "declaration")
        try put("FS.\(stem).1", "signature")
        stand.look()
        #expect(stand.intake.sealed.isEmpty)
        try put("GO.\(stem)")
        stand.look()
        #expect(stand.intake.sealed.map(\.channel) == [.folder])
        #expect(stand.intake.sealed.first?.files["FI.\(stem).1"] == Array("declaration".utf8))
        #expect(try names("006400/IN").isEmpty && stand.intake.marks.isEmpty)
    }

    @Test func `an answer is carried out and noted`() throws {
        let stem = stand.outbox.publish(to: sender)
        stand.look()
        #expect(try names("006400/OUT") == ["FO", "FS", "GO"].map { "\($0).\(stem)" })
        #expect(stand.outbox.waiting.isEmpty)
    }

    @Test func `a link is not followed and a directory is not a file`() throws {
        let incoming = directory.file("folders/006400/IN")
        _ = try directory.write("secret".utf8, to: "secret")
        try FileManager.default.createSymbolicLink(
            atPath: "\(incoming)/FI.\(stem).1", withDestinationPath: directory.file("secret"))
        try FileManager.default.createDirectory(
            atPath: "\(incoming)/FS.\(stem).1", withIntermediateDirectories: false)
        try FileManager.default.createSymbolicLink(
            atPath: "\(incoming)/GO.\(stem)", withDestinationPath: "nowhere")
        stand.look(after: 100)
        #expect(stand.intake.sealed.isEmpty)
        #expect(try names("006400/IN") == ["FI.\(stem).1", "FS.\(stem).1", "GO.\(stem)"])
    }

    @Test func `a sender's directory that is a link is not entered`() throws {
        let home = directory.file("folders/006400")
        try FileManager.default.moveItem(atPath: home, toPath: directory.file("elsewhere"))
        try FileManager.default.createSymbolicLink(
            atPath: home, withDestinationPath: directory.file("elsewhere"))
        _ = try directory.write([], to: "elsewhere/IN/GO.\(stem)")
        stand.look(after: 100)
        stand.look(after: 100)
        #expect(stand.intake.sealed.isEmpty)
    }

    @Test func `a blocked sender's directories are not looked at`() throws {
        stand.accounts.withLock { $0 = [] }
        try put("ZI.\(stem).1", "a set")
        stand.look()
        #expect(stand.intake.sealed.isEmpty)
        stand.accounts.withLock { [sender] in $0 = [InboxAccount(folderOf: sender)] }
        stand.look()
        #expect(stand.intake.sealed.count == 1)
    }

    @Test func `files that keep an old date wait for their GO, also after a restart`() throws {
        let old = [FileAttributeKey.modificationDate: Date(timeIntervalSinceNow: -259_200)]
        for prefix in ["FI", "FS"] {
            try put("\(prefix).\(stem).1")
            try FileManager.default.setAttributes(
                old, ofItemAtPath: directory.file("folders/006400/IN/\(prefix).\(stem).1"))
        }
        stand.look()
        stand.restart()
        stand.look()
        #expect(stand.intake.sealed.isEmpty)
        try put("GO.\(stem)")
        stand.look()
        #expect(stand.intake.sealed.map(\.files.count) == [2])
    }
}
