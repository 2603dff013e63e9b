internal import ArgumentParser
internal import Exchange
internal import Foundation
internal import Validation

struct Demo: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "The whole job on one machine: a temporary instance, real senders with real clients, and what each got."
    )

    @Option(help: "Keep the instance, the senders' keys and everything sent and received in this folder.")
    var keep: String?

    @Option(
        help:
            "The directory in which ProFTPD is unpacked; otherwise the one installed is used. Without any, FTPS is left out."
    )
    var servers: String?

    func run() throws {
        let folder =
            keep.map { URL(fileURLWithPath: $0) }
            ?? FileManager.default.temporaryDirectory.appendingPathComponent(
                "ecluse-demo-\(UUID().uuidString)")
        defer { if keep == nil { try? FileManager.default.removeItem(at: folder) } }
        let stage = try DemoStage(in: folder, proftpd: ProFTPDFiles(unpackedIn: servers))
        defer { stage.close() }
        let isAsExpected = try stage.play()
        if keep != nil { print("\nEverything sent and received is kept in \(folder.path)") }
        guard isAsExpected else {
            throw CommandFailure(.failed, "a sender did not get what it should have got")
        }
    }
}
