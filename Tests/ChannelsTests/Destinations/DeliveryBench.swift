import Channels
import Exchange
import Foundation
import TestServers
import Testing

/// Held files in a directory of their own, and deliveries of them.
struct DeliveryBench {
    let directory: TemporaryDirectory
    let ticket: Ticket
    let contents: [String: [UInt8]]

    static let manifest = Array("{\"version\":1}".utf8)

    init(_ counter: Int64 = 34, files: Int = 2, bytes: Int = 40) throws {
        directory = try TemporaryDirectory()
        ticket = Ticket(.set, counter: counter)
        var generator = SeededGenerator(seed: UInt64(counter))
        var contents: [String: [UInt8]] = [:]
        for part in 1...files {
            let content = (0..<bytes + part).map { _ in UInt8.random(in: 0...255, using: &generator) }
            contents["FI.DMFA.006400.20230420.00001.R.\(part).\(files)"] = content
        }
        self.contents = contents
        for (name, content) in contents {
            try Data(content).write(to: URL(fileURLWithPath: path(name)))
        }
    }

    func path(_ name: String) -> String { "\(directory.path)/held-\(name)" }

    func delivery() throws -> Delivery {
        Delivery(
            ticket: ticket,
            files: try contents.keys.sorted().map {
                Delivery.File(name: try #require(FileName($0)), path: path($0))
            },
            manifest: DeliveryBench.manifest)
    }
}

/// Delivers until taken, and gives up after far more attempts than any test needs.
@discardableResult
func deliverUntilTaken(_ destination: any Destination, _ delivery: Delivery) -> Int {
    for attempt in 1...1000 where (try? destination.deliver(delivery)) != nil { return attempt }
    Issue.record("never taken")
    return 0
}
