internal import Channels
internal import Foundation
internal import Logging
internal import Registry
internal import Spool
internal import Validation

/// Makes a new instance from the configuration, schemas and applications that come with the program.
struct InstanceMaker {
    let directory: URL
    let sftp: String?
    let web: String?

    /// - Parameters:
    ///   - sftp: the listening address to write into the configuration instead of the default.
    ///   - web: the same for the web service, which is off by default.
    init(directory: String, sftp: String?, web: String? = nil) {
        self.directory = URL(fileURLWithPath: directory)
        self.sftp = sftp
        self.web = web
    }

    var configurationFile: String { directory.appendingPathComponent("config/ecluse.yaml").path }

    /// Refuses a folder that already holds a configuration, or a spool: opened with other limits than its own it would
    /// lose what these keep.
    func make() throws {
        let ledger = directory.appendingPathComponent("spool/ledger.sqlite").path
        for file in [configurationFile, ledger] where FileManager.default.fileExists(atPath: file) {
            throw CommandFailure(.failed, "\(file) is already there; nothing was changed")
        }
        let shipped = try ShippedFiles.locate()
        let wasThere = FileManager.default.fileExists(atPath: directory.path)
        do {
            try fill(from: shipped)
        } catch {
            if !wasThere { try? FileManager.default.removeItem(at: directory) }
            throw error
        }
    }

    private func fill(from shipped: URL) throws {
        for folder in ["config/keys", "spool", "registry"] {
            try FileManager.default.createDirectory(
                at: directory.appendingPathComponent(folder), withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        }
        let config = directory.appendingPathComponent("config")
        for name in ["schemas", "applications.yaml"] {
            try FileManager.default.copyItem(
                at: shipped.appendingPathComponent(name), to: config.appendingPathComponent(name))
        }
        try HostKeyFile.make(.ed25519, at: config.appendingPathComponent("keys/ssh_host_ed25519_key").path)
        try HostKeyFile.make(.rsa, at: config.appendingPathComponent("keys/ssh_host_rsa_key").path)
        try makeReceiptKey(in: config.appendingPathComponent("keys"))
        if let web { try makeWebKey(for: web, in: config.appendingPathComponent("keys")) }
        try Spool.open(
            at: directory.appendingPathComponent("spool").path, limits: SpoolLimits(),
            logger: Logger(label: "ecluse") { _ in SwiftLogNoOpLogHandler() }
        ).close()
        _ = try Registry.create(at: directory.appendingPathComponent("registry/registry.sqlite").path)
        try configurationText(from: shipped).write(
            toFile: configurationFile, atomically: true, encoding: .utf8)
    }

    private func configurationText(from shipped: URL) throws -> String {
        let text = try String(contentsOf: shipped.appendingPathComponent("ecluse.yaml"), encoding: .utf8)
        return try [("listen: 127.0.0.1:8022", sftp), ("web:\n  listen: \"off\"", web)].reduce(text) {
            text, change in
            guard let address = change.1 else { return text }
            guard text.contains(change.0) else {
                throw CommandFailure(
                    .failed, "the configuration that comes with the program has no line '\(change.0)'")
            }
            let kept = change.0[..<(change.0.range(of: "listen: ")?.upperBound ?? change.0.endIndex)]
            return text.replacing(change.0, with: "\(kept)\"\(address)\"")
        }
    }

    /// A P-256 key and a self-signed certificate for two years, for the host it listens on and for localhost: good for
    /// trying out and for senders that pin it; a public service has one of an authority.
    private func makeWebKey(for address: String, in keys: URL) throws {
        let key = try CertificateMint.key(.p256)
        let now = Date()
        var request = CertificateMint.Request(
            commonName: "Écluse web service", notBefore: now.addingTimeInterval(-300),
            notAfter: now.addingTimeInterval(2 * 365 * 86_400))
        let host = Configuration.address(address)?.0 ?? "localhost"
        request.hosts = Set([host, "localhost", "127.0.0.1"]).subtracting(["0.0.0.0", "::"]).sorted()
        let certificate = try CertificateMint.certificate(request, key: key)
        try PrivateFile.write(try key.pem(), to: keys.appendingPathComponent("web.key").path)
        try Data(CertificateMint.pem(certificate)).write(to: keys.appendingPathComponent("web.pem"))
    }

    /// A P-256 key and a self-signed certificate for ten years: senders pin it.
    private func makeReceiptKey(in keys: URL) throws {
        let key = try CertificateMint.key(.p256)
        let now = Date()
        let certificate = try CertificateMint.certificate(
            .init(
                commonName: "Écluse receipts", organisation: "Écluse",
                notBefore: now.addingTimeInterval(-300),
                notAfter: now.addingTimeInterval(10 * 365 * 86_400)),
            key: key)
        try PrivateFile.write(try key.pem(), to: keys.appendingPathComponent("receipt.key").path)
        try Data(CertificateMint.pem(certificate)).write(to: keys.appendingPathComponent("receipt.pem"))
    }
}

/// Where the files that come with the program lie: `config` beside or above the program in a checkout, or
/// `../share/ecluse` in an installation.
enum ShippedFiles {
    static func locate() throws -> URL {
        let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        var folder = program.deletingLastPathComponent()
        while folder.path != "/" {
            for candidate in ["config", "share/ecluse"] {
                let found = folder.appendingPathComponent(candidate)
                let marker = found.appendingPathComponent("schemas").path
                if FileManager.default.fileExists(atPath: marker) { return found }
            }
            folder.deleteLastPathComponent()
        }
        throw CommandFailure(
            .failed, "the files that come with the program are not found beside or above \(program.path)")
    }
}
