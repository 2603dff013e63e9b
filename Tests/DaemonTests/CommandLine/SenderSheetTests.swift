import Exchange
import Foundation
import Testing

/// What `sender show` says of a certificate, compared with what OpenSSL says.
@Suite(.unserved) struct SenderSheetTests {
    private func openssl(_ pem: [UInt8], _ options: String...) throws -> String {
        try Program.need(
            "openssl", ["x509", "-noout"] + options, input: String(decoding: pem, as: UTF8.self)
        )
        .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    @Test func `owner, company, issuer, expiry, serial in both forms and fingerprint are shown`() throws {
        let instance = try SharedInstance.running()
        let sender = try instance.enrol()
        let sheet = try instance.must("sender", "show", sender.number).output
        let pem = sender.signatory.pem
        let serial = try openssl(pem, "-serial").replacingOccurrences(of: "serial=", with: "")
        let decimal = try Program.need("python3", ["-c", "print(int('\(serial)', 16))"])
            .trimmingCharacters(in: .whitespacesAndNewlines)
        let fingerprint = try openssl(pem, "-fingerprint", "-sha256").split(separator: "=").last ?? ""
        let expiry = sender.signatory.certificate.notAfter.ISO8601Format()
        for text in [
            "CN=\(sender.signatory.certificate.owner)", "Company    Acme", "CN=Test Qualified CA", expiry,
            serial, decimal,
            fingerprint.replacingOccurrences(of: ":", with: "").lowercased(), "EC 256", "ssh-ed25519",
        ] {
            #expect(sheet.contains(text), "\(text) is missing in\n\(sheet)")
        }
    }

    @Test func `a certificate without a company says so`() throws {
        let instance = try SharedInstance.running()
        let sender = try instance.enrol()
        let plain = try instance.authority.issue(to: "No company", company: nil)
        let file = try instance.scratch.write(plain.pem, to: "plain.pem")
        try instance.must("sender", "certificate", "add", sender.number, "sftp", file)
        #expect(
            try instance.must("sender", "show", sender.number).output.contains("Company    Not specified"))
    }

    @Test(arguments: ["cer", "pem"], ["DER", "PEM"])
    func `certificates are taken by either ending in either form`(ending: String, form: String) throws {
        let instance = try SharedInstance.running()
        let sender = try instance.enrol()
        let renewal = try instance.authority.issue(to: "Renewal \(ending) \(form)")
        let bytes = form == "DER" ? renewal.certificate.der : renewal.pem
        let file = try instance.scratch.write(bytes, to: "\(sender.user)-renewal.\(ending)")
        try instance.must("sender", "certificate", "add", sender.number, "sftp", file)
        let sheet = try instance.must("sender", "show", sender.number).output
        #expect(sheet.contains("CN=Renewal \(ending) \(form)"))
    }

    @Test func `a renewal overlaps with what it renews, from and until when is told`() throws {
        let instance = try SharedInstance.running()
        let sender = try instance.enrol()
        let renewal = try instance.authority.issue(to: "Renewal")
        let file = try instance.scratch.write(renewal.pem, to: "\(sender.user)-overlap.pem")
        try instance.must(
            "sender", "certificate", "add", sender.number, "sftp", file, "--from", "2026-01-31", "--until",
            "2099-12-31T12:00:00Z")
        let channels = try instance.must("sender", "show", sender.number, "--json").object()["channels"]
        let certificates = try #require(
            (channels as? [[String: Any]])?.first?["certificates"] as? [[String: Any]])
        #expect(certificates.count == 2)
        let sheet = try instance.must("sender", "show", sender.number).output
        #expect(sheet.contains("valid from 2026-01-31T00:00:00Z until 2099-12-31T12:00:00Z"))
        let twice = try instance.run("sender", "certificate", "add", sender.number, "sftp", file)
        #expect(twice.status == 4)
    }

    @Test func `a revoked certificate stays on the sheet and is not taken back`() throws {
        let instance = try SharedInstance.running()
        let sender = try instance.enrol()
        let fingerprint = sender.signatory.certificate.fingerprint.description
        try instance.must("sender", "certificate", "revoke", sender.number, fingerprint)
        #expect(try instance.must("sender", "show", sender.number).output.contains(", revoked "))
        let file = try instance.scratch.write(sender.signatory.pem, to: "\(sender.user)-back.pem")
        let back = try instance.run("sender", "certificate", "add", sender.number, "sftp", file)
        #expect(back.status == 4)
        #expect(back.errors.contains("revoked"))
    }

    @Test func `a key is renewed and revoked by its fingerprint`() throws {
        let instance = try SharedInstance.running()
        let sender = try instance.enrol()
        let renewal = try instance.key(named: "\(sender.user)-new", ["-t", "ecdsa", "-b", "256"]) + ".pub"
        try instance.must("sender", "key", "add", sender.number, renewal)
        let fingerprint = try Program.need("ssh-keygen", ["-l", "-f", renewal]).split(separator: " ")[1]
        #expect(try instance.must("sender", "show", sender.number).output.contains(fingerprint))
        try instance.must("sender", "key", "revoke", sender.number, String(fingerprint))
        let sheet = try instance.must("sender", "show", sender.number).output
        #expect(sheet.contains("\(fingerprint), revoked "))
    }
}
