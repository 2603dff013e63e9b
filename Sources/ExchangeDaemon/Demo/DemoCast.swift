internal import Exchange
internal import Foundation
internal import Pipeline
internal import Registry
internal import Validation

/// The people of the demo: an authority, and two senders with keys and certificates minted for the occasion.
struct DemoCast {
    let acme: Member
    let globex: Member

    struct Member {
        let number: SenderNumber
        let user: TechnicalUser
        /// Files: the SSH private key, the signing key and its certificate, the password for FTP.
        let identity: String
        let key: String
        let certificate: String
        let password: String
        let signer: DocumentSigner
    }

    /// Mints everything and registers it with the same rules as the commands.
    init(in folder: URL, instance: Instance) throws {
        let now = Date()
        let authorityKey = try CertificateMint.key(.p384)
        let authority = CertificateMint.Issuer(
            certificate: try CertificateMint.certificate(
                .init(
                    commonName: "Demo Qualified CA", organisation: "Écluse demo",
                    notBefore: now.addingTimeInterval(-300),
                    notAfter: now.addingTimeInterval(86_400), isAuthority: true),
                key: authorityKey),
            key: authorityKey)
        let registry = try instance.registry()
        let registrar = Registrar(registry: registry, catalogue: try instance.catalogue(), time: now)
        _ = try registrar.addAuthorities(CertificateMint.pem(authority.certificate))
        let hire = Hire(
            folder: folder, authority: authority, registry: registry, registrar: registrar, now: now)
        acme = try hire.member(
            "006400", "EXPacme", "Acme", "0401234560", applications: ["dmfa", "dimona"], .p256,
            also: [.web, .ftp])
        globex = try hire.member(
            "006401", "EXPglobex", "Globex", "1001234592", applications: ["dimona"], .rsa(bits: 2048))
    }

    private struct Hire {
        let folder: URL
        let authority: CertificateMint.Issuer
        let registry: Registry
        let registrar: Registrar
        let now: Date

        func member(
            _ number: String, _ user: String, _ name: String, _ enterprise: String, applications: [String],
            _ kind: CertificateMint.KeyKind, also channels: [ChannelKind] = []
        ) throws -> Member {
            guard let number = SenderNumber(number), let user = TechnicalUser(user),
                let enterprise = EnterpriseNumber(enterprise)
            else { throw CommandFailure(.failed, "the demo's own numbers are wrong") }
            let key = try CertificateMint.key(kind)
            let certificate = try CertificateMint.certificate(
                .init(
                    commonName: "\(name) signatory", organisation: name,
                    notBefore: now.addingTimeInterval(-300),
                    notAfter: now.addingTimeInterval(86_400)),
                key: key, issuer: authority)
            let identity = folder.appendingPathComponent(user.description).path
            let member = Member(
                number: number, user: user, identity: identity, key: identity + ".key",
                certificate: identity + ".pem", password: identity + ".password",
                signer: try DocumentSigner(
                    privateKeyPEM: try key.pem(), certificate: CertificateMint.pem(certificate),
                    passphrase: nil))
            let password = "Demo-\(UUID().uuidString.lowercased())"
            try ExternalProgram("ssh-keygen").run([
                "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", identity,
            ])
            try PrivateFile.write(try key.pem(), to: member.key)
            try PrivateFile.write(Array(password.utf8), to: member.password)
            try PrivateFile.write(CertificateMint.pem(certificate), to: member.certificate)
            try registry.register(
                NewSender(
                    number: number, user: user, name: name, enterprise: enterprise, nsso: nil, contact: nil))
            try registrar.addChannel(
                .sftp, to: number, certificates: [CertificateMint.pem(certificate)],
                keys: [try InputFile.read(identity + ".pub")], applications: applications, preferring: [])
            for channel in channels {
                try registrar.addChannel(
                    channel, to: number, certificates: [CertificateMint.pem(certificate)], keys: [],
                    applications: applications, preferring: [],
                    password: channel == .ftp ? FTPPassword(password, for: user) : nil)
            }
            return member
        }
    }
}
