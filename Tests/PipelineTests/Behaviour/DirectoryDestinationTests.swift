import Exchange
import Foundation
import Testing

@testable import Channels

struct DirectoryDestinationTests {
    private let directory: TemporaryDirectory
    private let destination: DirectoryDestination
    private let ticket = Ticket(.set, counter: 34)
    private var path: String { directory.path("destination") }

    init() throws {
        directory = try TemporaryDirectory("destination")
        destination = DirectoryDestination(path: directory.path("destination"))
    }

    private func delivery(_ content: String = "one") throws -> Delivery {
        let held = try directory.write("held-\(content)", Array(content.utf8))
        return Delivery(
            ticket: ticket, files: [.init(name: try Fixtures.name("FI.a"), path: held)],
            manifest: Array("{}".utf8))
    }

    /// The names in the destination, sorted.
    private func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    }

    private func content() throws -> String {
        try String(contentsOfFile: "\(path)/\(ticket)/FI.a", encoding: .utf8)
    }

    private var marker: String { ".delivering-\(ticket)" }

    @Test func `a set appears whole under its ticket, and the marker stays until the ledger has it`() throws {
        try destination.deliver(delivery())
        #expect(try names() == [marker, "\(ticket)"])
        let files = try FileManager.default.contentsOfDirectory(atPath: "\(path)/\(ticket)").sorted()
        #expect(files == ["FI.a", "manifest.json"])
        #expect(try content() == "one")
        destination.confirm([ticket])
        #expect(try names() == ["\(ticket)"])
    }

    @Test func `several are delivered together, whatever became of each before`() throws {
        let tickets = (34...37).map { Ticket(.set, counter: $0) }
        let deliveries = try tickets.enumerated().map { index, ticket in
            Delivery(
                ticket: ticket,
                files: [
                    .init(
                        name: try Fixtures.name("FI.a"),
                        path: try directory.write("many-\(index)", [UInt8(index)]))
                ], manifest: Array("{}".utf8))
        }
        for delivery in deliveries.prefix(2) { try destination.deliver(delivery) }
        // The first was taken away, the second staged only, the third half staged.
        try FileManager.default.removeItem(atPath: "\(path)/\(tickets[0])")
        try FileManager.default.moveItem(
            atPath: "\(path)/\(tickets[1])", toPath: "\(path)/.staged-\(tickets[1])")
        try FileManager.default.createDirectory(
            atPath: "\(path)/.staged-\(tickets[2])", withIntermediateDirectories: false)
        let delivered = destination.deliver(deliveries)
        #expect(delivered.count == 4)
        #expect(delivered.deferral == nil)
        let there = tickets.dropFirst().map(\.description)
        #expect(try names() == (there + tickets.map { ".delivering-\($0)" }).sorted())
        for (index, ticket) in zip(1..., there) {
            #expect(try Data(contentsOf: URL(filePath: "\(path)/\(ticket)/FI.a")) == Data([UInt8(index)]))
        }
    }

    @Test func `of several those before the one that fails are delivered, and none after it`() throws {
        let held = try directory.write("held", [1])
        let file = Delivery.File(name: try Fixtures.name("FI.a"), path: held)
        let gone = Delivery.File(name: try Fixtures.name("FI.a"), path: directory.path("nowhere"))
        let tickets = (34...36).map { Ticket(.set, counter: $0) }
        let deliveries = zip(tickets, [file, gone, file]).map {
            Delivery(ticket: $0, files: [$1], manifest: Array("{}".utf8))
        }
        let delivered = destination.deliver(deliveries)
        #expect(delivered.count == 1)
        #expect(delivered.deferral?.reason == .destinationUnavailable)
        #expect(try names().filter { !$0.hasPrefix(".") } == [tickets[0].description])
    }

    @Test func `delivering again before the ledger has it changes nothing`() throws {
        try destination.deliver(delivery())
        try destination.deliver(delivery("two"))
        #expect(try content() == "one")
        #expect(try names() == [marker, "\(ticket)"])
    }

    @Test func `a set the back-end has taken away is not delivered again`() throws {
        try destination.deliver(delivery())
        try FileManager.default.removeItem(atPath: "\(path)/\(ticket)")
        try destination.deliver(delivery())
        #expect(try names() == [marker])
        destination.confirm([ticket])
        destination.confirm([ticket])
        #expect(try names() == [])
    }

    @Test func `the sync of what was delivered before has something to write`() throws {
        let old = Date(timeIntervalSince1970: 1_000_000_000)
        func modified() throws -> Date? {
            try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
        }
        try destination.deliver(delivery())
        try FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: path)
        #expect(try modified() == old)
        try destination.deliver(delivery())
        let after = try #require(try modified())
        #expect(after > old)
    }

    @Test func `what cannot be looked for is not taken for missing`() throws {
        let opened = try OpenDirectory(path: path, making: true)
        try destination.deliver(delivery())
        #expect(try opened.exists("\(ticket)"))
        #expect(try !opened.exists("nothing"))
        // Longer than any name may be, and below something that is no directory.
        for name in [String(repeating: "a", count: 300), "\(marker)/a"] {
            #expect(throws: OpenDirectory.Fault.self) { try opened.exists(name) }
            #expect(throws: OpenDirectory.Fault.self) { try opened.removeDirectory(name) }
        }
    }

    @Test func `a set staged whole before a crash is put in place as it is`() throws {
        try destination.deliver(delivery())
        try FileManager.default.moveItem(atPath: "\(path)/\(ticket)", toPath: "\(path)/.staged-\(ticket)")
        try destination.deliver(delivery("two"))
        #expect(try content() == "one")
        #expect(try names() == [marker, "\(ticket)"])
    }

    @Test func `a set half staged before a crash is staged anew`() throws {
        let staged = "\(path)/.staged-\(ticket)"
        try FileManager.default.createDirectory(atPath: staged, withIntermediateDirectories: true)
        try Data("half".utf8).write(to: URL(fileURLWithPath: staged + "/FI.a"))
        try Data("stray".utf8).write(to: URL(fileURLWithPath: staged + "/FI.b"))
        try destination.deliver(delivery())
        #expect(try content() == "one")
        let files = try FileManager.default.contentsOfDirectory(atPath: "\(path)/\(ticket)").sorted()
        #expect(files == ["FI.a", "manifest.json"])
    }

    @Test func `a held file that cannot be read is a deferral and leaves no set`() throws {
        let missing = Delivery(
            ticket: ticket, files: [.init(name: try Fixtures.name("FI.a"), path: directory.path("none"))],
            manifest: [])
        let deferral = #expect(throws: Deferral.self) { try destination.deliver(missing) }
        #expect(deferral?.reason == .destinationUnavailable)
        #expect(try !names().contains("\(ticket)"))
        try destination.deliver(delivery())
        #expect(try content() == "one")
    }

    @Test func `a destination that cannot be made is a deferral`() throws {
        try directory.write("destination", [])
        let deferral = #expect(throws: Deferral.self) { try destination.deliver(delivery()) }
        #expect(deferral?.reason == .destinationUnavailable)
        #expect(deferral?.sentence.contains(path) == true)
        destination.confirm([ticket])
    }

    @Test func `nothing of a delivery follows a link at its staging place`() throws {
        let elsewhere = directory.path("elsewhere")
        try FileManager.default.createDirectory(atPath: elsewhere, withIntermediateDirectories: true)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: "\(path)/.staged-\(ticket)", withDestinationPath: elsewhere)
        _ = try? destination.deliver(delivery())
        #expect(try FileManager.default.contentsOfDirectory(atPath: elsewhere).isEmpty)
    }
}
