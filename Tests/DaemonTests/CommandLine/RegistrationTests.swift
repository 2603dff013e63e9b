import Foundation
import Testing
import Validation

/// What is refused at registration, each with a message that says why. Exit code 4, nothing registered.
@Suite(.unserved) struct RegistrationTests {
    private func add(
        _ number: String, user: String = "EXPnew", enterprise: String = "0401234560", nsso: String? = nil
    ) throws -> Program {
        try Program.run(
            Built.ecluse(),
            [
                "sender", "add", "--number", number, "--user", user, "--name", "New", "--enterprise",
                enterprise,
            ]
                + (nsso.map { ["--nsso", $0] } ?? []) + ["--config", SharedInstance.running().configuration])
    }

    private func expectNoSender(_ number: String) throws {
        #expect(try SharedInstance.running().run("sender", "show", number).status == 3)
    }

    @Test(arguments: ["0401234561", "2123456791", "123", "abcdefghij", "0000000097"])
    func `an enterprise number with wrong check digits or shape`(enterprise: String) throws {
        let run = try add("007001", enterprise: enterprise)
        #expect(run.status == 4)
        #expect(run.errors.contains("'\(enterprise)' is not an enterprise number"))
        try expectNoSender("007001")
    }

    @Test(arguments: ["123456748", "1", "1234567-50"])
    func `an NSSO number with wrong check digits or shape`(nsso: String) throws {
        let run = try add("007002", nsso: nsso)
        #expect(run.status == 4)
        #expect(run.errors.contains("'\(nsso)' is not an NSSO number"))
        try expectNoSender("007002")
    }

    @Test(arguments: ["acme", "expacme", "EXP", "EXPa b", "EXP-acme", "EXPabcdefghijklmnopqrstu", "EXPé"])
    func `a user name outside the convention`(user: String) throws {
        let run = try add("007003", user: user)
        #expect(run.status == 4)
        #expect(run.errors.contains("is not a technical user"))
        try expectNoSender("007003")
    }

    @Test func `a user name that another sender has`() throws {
        let instance = try SharedInstance.running()
        let sender = try instance.enrol()
        let run = try add("007004", user: sender.user)
        #expect(run.status == 4)
        #expect(run.errors.contains(sender.user))
    }

    @Test func `good numbers in any usual writing are taken`() throws {
        let instance = try SharedInstance.running()
        let run = try add("007005", user: "EXPgood_1", enterprise: "0401.234.560", nsso: "1234567-49")
        #expect(run.status == 0, "\(run.errors)")
        let shown = try instance.must("sender", "show", "007005", "--json").object()
        #expect(shown["enterprise"] as? String == "0401234560")
        #expect(shown["nsso"] as? String == "123456749")
    }

    /// A sender without a channel, to open one for.
    private func newcomer() throws -> (instance: Instance, number: String, key: String) {
        let instance = try SharedInstance.running()
        let index = instance.nextSender()
        try instance.must(
            "sender", "add", "--number", "00\(index)", "--user", "EXPs\(index)", "--name", "Newcomer",
            "--enterprise",
            Instance.enterprise(index))
        return (instance, "00\(index)", try instance.key(named: "EXPs\(index)") + ".pub")
    }

    /// Opens a channel with this certificate; expects a refusal that says these words.
    private func expectRefused(
        certificate: [UInt8], key: [UInt8]? = nil, application: String = "dimona", saying words: String,
        at location: SourceLocation = #_sourceLocation
    ) throws {
        let (instance, number, ownKey) = try newcomer()
        let keyFile = try key.map { try instance.scratch.write($0, to: "given\(number).pub") } ?? ownKey
        let run = try instance.run(
            "sender", "channel", "add", number, "sftp", "--certificate",
            instance.scratch.write(certificate, to: "given\(number).cer"), "--key", keyFile, "--application",
            application)
        #expect(run.status == 4, "\(run.errors)", sourceLocation: location)
        #expect(run.errors.lowercased().contains(words), "\(run.errors)", sourceLocation: location)
        let channels = try instance.must("sender", "show", number, "--json").object()["channels"] as? [Any]
        #expect(channels?.isEmpty == true, sourceLocation: location)
    }

    @Test func `an expired certificate`() throws {
        let authority = try SharedInstance.running().authority
        let expired = try authority.issue(to: "Late", from: Date() - 7200, until: Date() - 3600)
        try expectRefused(certificate: expired.pem, saying: "expired")
    }

    @Test func `a certificate that is not valid yet`() throws {
        let authority = try SharedInstance.running().authority
        let early = try authority.issue(to: "Early", from: Date() + 3600, until: Date() + 7200)
        try expectRefused(certificate: early.pem, saying: "valid from")
    }

    @Test func `a certificate of no accepted authority`() throws {
        let stranger = try Authority("Somebody else's CA").issue(to: "Stranger")
        try expectRefused(certificate: stranger.pem, saying: "accepted authority")
    }

    @Test func `a certificate that another sender has`() throws {
        let other = try SharedInstance.running().enrol()
        try expectRefused(certificate: other.signatory.pem, saying: "another sender")
    }

    @Test func `the certificate of an authority`() throws {
        try expectRefused(certificate: SharedInstance.running().authority.pem, saying: "authority")
    }

    @Test func `a private key given for a certificate`() throws {
        let signatory = try SharedInstance.running().authority.issue(to: "Careless")
        try expectRefused(certificate: signatory.keyPEM, saying: "private key")
        try expectRefused(certificate: signatory.pem + signatory.keyPEM, saying: "private key")
    }

    @Test func `a private key given for an SSH key`() throws {
        let instance = try SharedInstance.running()
        let signatory = try instance.authority.issue(to: "Careless too")
        let secret = try bytes(of: instance.key(named: "careless"))
        try expectRefused(certificate: signatory.pem, key: secret, saying: "private key")
    }

    @Test func `an RSA certificate of 1024 bits`() throws {
        let key = try CertificateMint.key(.rsa(bits: 1024))
        let weak = try CertificateMint.certificate(
            .init(commonName: "Weak", notBefore: Date() - 3600, notAfter: Date() + 3600), key: key,
            issuer: SharedInstance.running().authority.issuer)
        try expectRefused(certificate: CertificateMint.pem(weak), saying: "1024 bits")
    }

    @Test func `an RSA key for SSH of 1024 bits, and kinds that are not taken`() throws {
        let instance = try SharedInstance.running()
        let weak = try bytes(of: instance.key(named: "weak", ["-t", "rsa", "-b", "1024"]) + ".pub")
        try expectRefused(certificate: instance.authority.issue(to: "W").pem, key: weak, saying: "1024 bits")
        let old = try bytes(of: instance.key(named: "dsa", ["-t", "dsa"]) + ".pub")
        try expectRefused(certificate: instance.authority.issue(to: "D").pem, key: old, saying: "ssh-dss")
    }

    @Test func `an unknown application`() throws {
        let signatory = try SharedInstance.running().authority.issue(to: "Hopeful")
        try expectRefused(
            certificate: signatory.pem, application: "lottery", saying: "unknown application 'lottery'")
    }

    @Test func `something that is no certificate`() throws {
        try expectRefused(certificate: Array("hello".utf8), saying: "x.509")
    }
}
