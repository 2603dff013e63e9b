import Foundation
import Glibc
import Testing

@testable import Spool

@Suite struct DirectoryTests {
    @Test func `a link in the spool leads nowhere`() throws {
        let root = FileManager.default.temporaryDirectory
            .appendingPathComponent("directory-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        let outside = root.appendingPathComponent("outside")
        let inside = root.appendingPathComponent("inside")
        for folder in [outside, inside] {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        }
        let secret = outside.appendingPathComponent("secret")
        try Data("secret".utf8).write(to: secret)
        try #require(symlink(secret.path, inside.path + "/file") == 0)
        try #require(symlink(outside.path, inside.path + "/folder") == 0)
        let directory = try Directory.open(at: inside.path, creating: false)

        func isRefused(_ body: () throws -> Void) -> Bool {
            do { try body() } catch let fault as SystemFault {
                return [ELOOP, ENOTDIR].contains(fault.code)
            } catch {}
            return false
        }
        #expect(isRefused { _ = try directory.open("file") })
        #expect(isRefused { _ = try directory.open("file", forWriting: true) })
        #expect(isRefused { _ = try directory.directory("folder") })
        #expect(isRefused { _ = try directory.names(in: "folder") })
        #expect(isRefused { try directory.sync("folder") })
        let before = try FileManager.default.attributesOfItem(atPath: secret.path)[.modificationDate] as? Date
        try directory.touch("file")
        let after = try FileManager.default.attributesOfItem(atPath: secret.path)[.modificationDate] as? Date
        #expect(before == after)
        _ = try directory.createAnew("file")
        #expect(try Data(contentsOf: secret) == Data("secret".utf8))
        #expect(try directory.status("file")?.size == 0)
    }
}
