import Exchange
import Foundation
import Testing

@testable import Channels

/// Every combination of what a crash may leave of a delivery, and what the next attempt makes of it: the crash table of
/// docs/INTERNALS.md, "Delivery".
struct DeliveryLeftoverTests {
    struct Leftover: Sendable, CustomStringConvertible {
        enum Staged: CaseIterable { case none, half, whole }

        let staged: Staged
        let hasMarker: Bool
        let isPlaced: Bool

        static let all = Staged.allCases.flatMap { staged in
            [false, true].flatMap { hasMarker in
                [false, true].map { Leftover(staged: staged, hasMarker: hasMarker, isPlaced: $0) }
            }
        }

        var description: String { "staged \(staged), marker \(hasMarker), placed \(isPlaced)" }
    }

    enum Follows: Sendable {
        /// Delivered from the start.
        case isDelivered
        /// What was staged is renamed: with a marker it is whole.
        case isRenamed
        /// It was renamed already; whether it lies there still is the back-end's business.
        case isLeft
        /// A set lies there that no marker tells of. Nothing of ours leaves that; it is not written over.
        case isPutOff

        /// The first line that fits counts.
        static let table: [(fits: @Sendable (Leftover) -> Bool, follows: Follows)] = [
            ({ $0.hasMarker && $0.staged == .none }, .isLeft),
            ({ $0.isPlaced }, .isPutOff),
            ({ $0.hasMarker }, .isRenamed),
            ({ _ in true }, .isDelivered),
        ]

        static func of(_ leftover: Leftover) -> Follows {
            table.first { $0.fits(leftover) }?.follows ?? .isPutOff
        }
    }

    private let directory: TemporaryDirectory
    private let destination: DirectoryDestination
    private let ticket = Ticket(.set, counter: 34)
    private let files = FileManager.default
    private var path: String { directory.path("destination") }
    private var marker: String { ".delivering-\(ticket)" }

    init() throws {
        directory = try TemporaryDirectory("destination")
        destination = DirectoryDestination(path: directory.path("destination"))
    }

    private func plant(_ leftover: Leftover) throws {
        try files.createDirectory(atPath: path, withIntermediateDirectories: true)
        if leftover.staged != .none {
            try fill(".staged-\(ticket)", "staged", isWhole: leftover.staged == .whole)
        }
        if leftover.isPlaced { try fill("\(ticket)", "placed", isWhole: true) }
        if leftover.hasMarker { _ = files.createFile(atPath: "\(path)/\(marker)", contents: Data("{}".utf8)) }
    }

    private func fill(_ name: String, _ text: String, isWhole: Bool) throws {
        try files.createDirectory(atPath: "\(path)/\(name)", withIntermediateDirectories: false)
        _ = files.createFile(atPath: "\(path)/\(name)/FI.a", contents: Data(text.utf8))
        if isWhole {
            _ = files.createFile(atPath: "\(path)/\(name)/manifest.json", contents: Data("{}".utf8))
        }
    }

    @Test(arguments: Leftover.all)
    func `every combination of leftovers comes to what the crash table says, once and again`(
        leftover: Leftover
    ) throws {
        try plant(leftover)
        let held = try directory.write("held", Array("held".utf8))
        let delivery = Delivery(
            ticket: ticket, files: [.init(name: try Fixtures.name("FI.a"), path: held)],
            manifest: Array("{}".utf8))
        let follows = Follows.of(leftover)
        for _ in 1...2 {
            if follows == .isPutOff {
                #expect(throws: Deferral.self) { try destination.deliver(delivery) }
            } else {
                try destination.deliver(delivery)
                #expect(!files.fileExists(atPath: "\(path)/.staged-\(ticket)"))
            }
            #expect(files.fileExists(atPath: "\(path)/\(marker)"))
            let content = files.contents(atPath: "\(path)/\(ticket)/FI.a").map {
                String(decoding: $0, as: UTF8.self)
            }
            switch follows {
            case .isDelivered: #expect(content == "held")
            case .isRenamed: #expect(content == "staged")
            case .isLeft: #expect(content == (leftover.isPlaced ? "placed" : nil))
            case .isPutOff: #expect(content == "placed")
            }
        }
        destination.confirm([ticket])
        #expect(!files.fileExists(atPath: "\(path)/\(marker)"))
    }
}
