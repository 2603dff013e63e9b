internal import Exchange
internal import Foundation
internal import Validation

/// The demo's instance and its daemon, a child process like any other daemon.
final class DemoStage {
    private let folder: URL
    private let instance: Instance
    private let cast: DemoCast
    private let daemon = Process()
    private let host: String
    private let port: String

    init(in folder: URL) throws {
        self.folder = folder
        let maker = InstanceMaker(directory: folder.path, sftp: "127.0.0.1:0")
        try maker.make()
        instance = try Instance(file: maker.configurationFile)
        let senders = folder.appendingPathComponent("senders")
        try FileManager.default.createDirectory(at: senders, withIntermediateDirectories: true)
        cast = try DemoCast(in: senders, instance: instance)
        (host, port) = try DemoStage.start(
            daemon, maker.configurationFile, instance.configuration.spoolRoot, in: folder)
        let key = try String(
            contentsOf: folder.appendingPathComponent("config/keys/ssh_host_ed25519_key.pub"), encoding: .utf8
        )
        try "[\(host)]:\(port) \(key)\n".write(
            to: folder.appendingPathComponent("known_hosts"), atomically: true, encoding: .utf8)
    }

    /// Starts the daemon and waits until it is ready, 30 s at the most.
    private static func start(
        _ daemon: Process, _ configuration: String, _ spool: String, in folder: URL
    ) throws -> (String, String) {
        let log = folder.appendingPathComponent("daemon.log")
        _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        daemon.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        daemon.arguments = ["serve", "--config", configuration]
        daemon.standardError = try FileHandle(forWritingTo: log)
        try daemon.run()
        struct Ready: Decodable {
            let sftp: String
        }
        let ready = URL(fileURLWithPath: spool).appendingPathComponent("run/ecluse.json")
        for _ in 0..<600 where daemon.isRunning {
            if let data = try? Data(contentsOf: ready),
                let address = try? JSONDecoder().decode(Ready.self, from: data),
                let (host, port) = Configuration.address(address.sftp)
            {
                return (host, "\(port)")
            }
            Thread.sleep(forTimeInterval: 0.05)
        }
        let words = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
        throw CommandFailure(.failed, "the daemon did not start:\n\(words)")
    }

    /// Drains the daemon.
    func close() {
        guard daemon.isRunning else { return }
        daemon.terminate()
        daemon.waitUntilExit()
    }

    /// Plays every case and prints what each sender got; false when one got something else than it should have.
    func play() throws -> Bool {
        let day = String(Date().formatted(.iso8601.year().month().day()))
        print("Écluse listens on \(host):\(port). Two senders, Acme and Globex, send with OpenSSH's sftp.\n")
        var isAsExpected = true
        for (index, scene) in DemoCase.all(cast, on: day).enumerated() {
            let receipt = try play(scene, number: index + 1, on: day)
            isAsExpected = isAsExpected && receipt.codes == scene.expected.map(\.errorID) && receipt.isSigned
        }
        return isAsExpected
    }

    private func play(_ scene: DemoCase, number: Int, on day: String) throws -> DemoReceipt {
        let client = DemoClient(
            sender: scene.sender, host: host, port: port,
            knownHosts: folder.appendingPathComponent("known_hosts").path)
        let place = folder.appendingPathComponent("senders/case\(number)")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        let files = try scene.files(on: day)
        for file in files { try Data(file.bytes).write(to: place.appendingPathComponent(file.name)) }
        let outbox = scene.mailbox.answers
        let before = Set(try client.list(outbox))
        try client.put(files.map { place.appendingPathComponent($0.name).path }, into: scene.mailbox)
        let trigger = try answer(client, outbox, after: before)
        let names = ["FO", "FS", "GO"].map { $0 + trigger.dropFirst(2) }
        try client.get(names, from: outbox, into: place)
        let receipt = try DemoReceipt(
            document: InputFile.read(place.appendingPathComponent(names[0]).path),
            signature: InputFile.read(place.appendingPathComponent(names[1]).path),
            certificate: CertificateFacts.read(InputFile.read(instance.configuration.receiptCertificate)))
        print(
            """
            \(number). \(scene.title)
               sent      \(scene.sender.user) → \(scene.mailbox.rawValue): \(files.map(\.name).joined(separator: " "))
               received  \(outbox.rawValue): \(names.joined(separator: " ")) (signature \(receipt.isSigned ? "good" : "BAD"))
               verdict   \(receipt.words)
            \(receipt.text.split(separator: "\n").map { "      | \($0)" }.joined(separator: "\n"))

            """)
        return receipt
    }

    private func answer(_ client: DemoClient, _ mailbox: Mailbox, after known: Set<String>) throws -> String {
        for _ in 0..<100 {
            if let new = try client.list(mailbox).first(where: { $0.hasPrefix("GO.") && !known.contains($0) })
            {
                return new
            }
            Thread.sleep(forTimeInterval: 0.1)
        }
        throw CommandFailure(.failed, "no receipt came in \(mailbox.rawValue)")
    }
}
