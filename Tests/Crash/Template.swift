import Exchange
import Foundation
import Logging
import Registry
import Spool
import Validation

/// What all seeds share, made once: a registry with senders and their certificates, signing keys, schemas, and a spool
/// in which nothing happened yet.
struct Template {
    static let senders = ["000101", "000102", "000103"].compactMap { SenderNumber($0) }
    static let dimona = "DIMN"
    static let dmfa = "DMFA"

    let path: String

    var registry: String { path + "/registry.sqlite" }
    var spool: String { path + "/spool" }

    /// - Parameter repository: where the schemas and documents are read from.
    static func make(at path: String, repository: String) throws -> Template {
        let template = Template(path: path)
        let files = FileManager.default
        try files.createDirectory(atPath: path + "/schemas", withIntermediateDirectories: true)
        for schema in ["Dimona_20231.xsd", "DmfAOriginal_20231.xsd"] {
            try files.copyItem(
                atPath: "\(repository)/config/schemas/\(schema)", toPath: "\(path)/schemas/\(schema)")
        }
        for document in ["dimona.xml", "dmfa.xml"] {
            try files.copyItem(
                atPath: "\(repository)/Tests/Corpus/documents/\(document)", toPath: "\(path)/\(document)")
        }
        try template.register()
        let spool = try Spool.open(at: template.spool, limits: SpoolLimits(), logger: .silent)
        spool.close()
        return template
    }

    private func register() throws {
        let authority = try issuer()
        let registry = try Registry.create(at: registry)
        try registry.addAuthority(authority.certificate)
        for sender in Template.senders {
            let certificate = try keep("\(sender)", by: authority)
            try registry.register(
                NewSender(
                    number: sender, user: TechnicalUser("EXPcrash\(sender)").required(),
                    name: "Crash \(sender)",
                    enterprise: EnterpriseNumber("0401234560").required(), email: "batch@example.be"))
            try registry.addChannel(
                NewChannel(kind: .sftp, certificates: [certificate], applications: ["dimona"]), to: sender)
            try registry.addChannel(
                NewChannel(kind: .web, certificates: [certificate], applications: ["dmfa"]), to: sender)
        }
        _ = try keep("receipts", by: authority)
    }

    private func issuer() throws -> CertificateMint.Issuer {
        let key = try CertificateMint.key(.p256)
        let request = CertificateMint.Request(
            commonName: "Authority", notBefore: Date() - 86_400, notAfter: Date() + 86_400, isAuthority: true)
        return CertificateMint.Issuer(
            certificate: try CertificateMint.certificate(request, key: key), key: key)
    }

    /// Makes a key and a certificate and writes both down.
    private func keep(_ name: String, by issuer: CertificateMint.Issuer) throws -> CertificateFacts {
        let key = try CertificateMint.key(.p256)
        let request = CertificateMint.Request(
            commonName: name, organisation: "Acme", notBefore: Date() - 86_400, notAfter: Date() + 86_400)
        let certificate = try CertificateMint.certificate(request, key: key, issuer: issuer)
        try Data(key.pem()).write(to: URL(fileURLWithPath: "\(path)/\(name).key"))
        try Data(CertificateMint.pem(certificate)).write(to: URL(fileURLWithPath: "\(path)/\(name).pem"))
        return certificate
    }

    func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")))
    }

    func signer(_ name: String) throws -> DocumentSigner {
        try DocumentSigner(
            privateKeyPEM: bytes(name + ".key"), certificate: bytes(name + ".pem"), passphrase: nil)
    }

    func catalogue() throws -> ApplicationCatalogue {
        func rule(_ purpose: String, _ root: String, _ form: String) throws -> PurposeRule {
            PurposeRule(
                purpose: try Purpose(purpose).required(), roots: [root], forms: [form], formLimit: nil)
        }
        return ApplicationCatalogue([
            Application(
                code: "dimona", label: "Dimona", purposes: [try rule(Template.dimona, "Dimona", "DIMONA")]),
            Application(
                code: "dmfa", label: "Dmfa", purposes: [try rule(Template.dmfa, "DmfAOriginal", "DMFA")]),
        ])
    }
}

extension Logger {
    /// Writes to standard error when `CRASH_LOG` is set.
    static let silent = Logger(label: "crash") { label in
        if ProcessInfo.processInfo.environment["CRASH_LOG"] == nil { return SwiftLogNoOpLogHandler() }
        return StreamLogHandler.standardError(label: label)
    }
}

extension Optional {
    func required() throws -> Wrapped {
        guard let self else { throw CampaignFault("a fixed value of the campaign is not valid") }
        return self
    }
}
