internal import Exchange
internal import Foundation
internal import Validation

/// The demo's instance, its daemon, the FTP server beside it, and what is played on them.
final class DemoStage {
    private let folder: URL
    private let instance: Instance
    private let cast: DemoCast
    private let daemon: DemoDaemon
    /// Nil when there is no ProFTPD.
    private let ftp: DemoFTPServer?

    init(in folder: URL, proftpd: ProFTPDFiles?) throws {
        self.folder = folder
        let maker = InstanceMaker(directory: folder.path, sftp: "127.0.0.1:0", web: "127.0.0.1:0")
        try maker.make()
        ftp = try proftpd.map { try DemoFTPServer($0, in: folder.appendingPathComponent("ftp")) }
        if let ftp { try DemoStage.poll(ftp, maker.configurationFile) }
        instance = try Instance(file: maker.configurationFile)
        let senders = folder.appendingPathComponent("senders")
        try FileManager.default.createDirectory(at: senders, withIntermediateDirectories: true)
        cast = try DemoCast(in: senders, instance: instance)
        try ftp?.start(for: maker.configurationFile)
        daemon = try DemoDaemon(
            maker.configurationFile, spool: instance.configuration.spoolRoot,
            log: folder.appendingPathComponent("daemon.log"))
        let key = try String(
            contentsOf: folder.appendingPathComponent("config/keys/ssh_host_ed25519_key.pub"), encoding: .utf8
        )
        try "[\(daemon.sftp.host)]:\(daemon.sftp.port) \(key)\n".write(
            toFile: knownHosts, atomically: true, encoding: .utf8)
    }

    private var knownHosts: String { folder.appendingPathComponent("known_hosts").path }

    /// Has the daemon look into the accounts of an FTP server, as an operator would write it.
    private static func poll(_ server: DemoFTPServer, _ configuration: String) throws {
        var text = try String(contentsOfFile: configuration, encoding: .utf8)
        let place =
            "{url: \"ftps://127.0.0.1:\(server.port)\", user: \"{user}\", "
            + "password: \"../senders/{user}.password\", authorities: \"\(server.certificate)\"}"
        text.replace("servers: {}", with: "servers: {demo: \(place)}")
        text.replace("inboxes: {}", with: "inboxes: {demo: {channel: ftp, home: \".\", interval: 250 ms}}")
        try text.write(toFile: configuration, atomically: true, encoding: .utf8)
    }

    /// The ways in that Acme sends the same declaration over.
    private var routes: [DemoRoute] {
        let (sender, keys) = (cast.acme, folder.appendingPathComponent("config/keys").path)
        var routes = [
            DemoRoute(
                title: "SFTP", target: "sftp://\(sender.user)@\(daemon.sftp.host):\(daemon.sftp.port)",
                proof: ["--identity", sender.identity, "--known-hosts", knownHosts]),
            DemoRoute(
                title: "HTTPS, the web service", target: "https://\(daemon.web.host):\(daemon.web.port)",
                proof: ["--tls-authority", "\(keys)/web.pem"]),
        ]
        if let ftp {
            routes.append(
                DemoRoute(
                    title: "FTPS, by way of a ProFTPD that the daemon polls",
                    target: "ftps://\(sender.user)@127.0.0.1:\(ftp.port)",
                    proof: ["--tls-authority", ftp.certificate, "--password-file", sender.password]))
        }
        return routes
    }

    /// Drains the daemon and ends the FTP server.
    func close() {
        daemon.stop()
        ftp?.stop()
    }

    /// Plays every case and prints what each sender got; false when one got something else than it should have.
    func play() throws -> Bool {
        let day = String(Date().formatted(.iso8601.year().month().day()))
        var isAsExpected = true
        print("Acme sends the same declaration over each channel, with `ecluse submit`.\n")
        for (index, route) in routes.enumerated() {
            let receipt = try play(route, number: index + 1, on: day)
            isAsExpected = isAsExpected && receipt.codes.isEmpty && receipt.isSigned
        }
        if ftp == nil { print("FTPS is left out: there is no ProFTPD here; `make demo` brings one.\n") }
        print("Acme and Globex send with OpenSSH's sftp.\n")
        for (index, scene) in DemoCase.all(cast, on: day).enumerated() {
            let receipt = try play(scene, number: index + 1, on: day)
            isAsExpected = isAsExpected && receipt.codes == scene.expected.map(\.errorID) && receipt.isSigned
        }
        return isAsExpected
    }

    private func play(_ route: DemoRoute, number: Int, on day: String) throws -> DemoReceipt {
        let submission = DemoSubmission(
            sender: cast.acme, route: route, folder: folder.appendingPathComponent("senders/route\(number)"),
            receiptCertificate: instance.configuration.receiptCertificate)
        let name = try submission.write(DemoDocument.dimona(on: day), sequence: 100 + number, on: day)
        let words = try submission.send(name)
        let (answer, document, signature) = try submission.receipt(for: name)
        let receipt = try receipt(document, signature)
        print(
            """
            \(number). \(route.title)
               sent      ecluse submit \(name) --to \(route.target)
               said      \(words.split(separator: "\n").map(String.init).joined(separator: "\n           "))
               received  \(answer) (signature \(receipt.isSigned ? "good" : "BAD"))
            \(receipt.shown)

            """)
        return receipt
    }

    private func receipt(_ document: [UInt8], _ signature: [UInt8]) throws -> DemoReceipt {
        try DemoReceipt(
            document: document, signature: signature,
            certificate: CertificateFacts.read(InputFile.read(instance.configuration.receiptCertificate)))
    }

    private func play(_ scene: DemoCase, number: Int, on day: String) throws -> DemoReceipt {
        let client = DemoClient(
            sender: scene.sender, host: daemon.sftp.host, port: "\(daemon.sftp.port)", knownHosts: knownHosts)
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
        let receipt = try receipt(
            InputFile.read(place.appendingPathComponent(names[0]).path),
            InputFile.read(place.appendingPathComponent(names[1]).path))
        print(
            """
            \(number). \(scene.title)
               sent      \(scene.sender.user) → \(scene.mailbox.rawValue): \(files.map(\.name).joined(separator: " "))
               received  \(outbox.rawValue): \(names.joined(separator: " ")) (signature \(receipt.isSigned ? "good" : "BAD"))
               verdict   \(receipt.words)
            \(receipt.shown)

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
