import Foundation
import Testing
import Validation

/// `ecluse sign`: what it writes is verified by OpenSSL and taken by the receiver.
@Suite struct SignCommandTests {
    private func sign(_ arguments: [String], input: String = "") throws -> Program {
        try Program.run(Built.ecluse(), ["sign"] + arguments, input: input)
    }

    /// A folder with one FI, a key, a certificate and its authority.
    private func desk() throws -> (place: Scratch, declaration: String, signatory: Signatory) {
        let place = try Scratch()
        let authority = try Authority("Signing CA")
        let signatory = try authority.issue(to: "Signatory", .rsa(bits: 2048))
        _ = try place.write(authority.pem, to: "ca.pem")
        _ = try place.write(signatory.keyPEM, to: "key.pem")
        _ = try place.write(signatory.pem, to: "certificate.pem")
        let name = "FI.DIMN.006400.20230420.00001.R.2.1"
        return (place, try place.write(Declaration.dimona.utf8, to: name), signatory)
    }

    @Test func `the FS is a detached signature that OpenSSL verifies, and the GO is empty`() throws {
        let (place, declaration, _) = try desk()
        let run = try sign([
            declaration, "--key", place.file("key.pem"), "--certificate", place.file("certificate.pem"),
        ])
        #expect(run.status == 0, "\(run.errors)")
        #expect(try bytes(of: place.file("GO.DIMN.006400.20230420.00001.R.2")).isEmpty)
        let text = try bytes(of: place.file("FS.DIMN.006400.20230420.00001.R.2.1"))
        let der = try #require(Data(base64Encoded: Data(text), options: .ignoreUnknownCharacters))
        let signature = try place.write(der, to: "FS.der")
        let verify = [
            "cms", "-verify", "-binary", "-inform", "DER", "-in", signature, "-CAfile", place.file("ca.pem"),
            "-purpose",
            "any", "-out", "/dev/null", "-content",
        ]
        #expect(try Program.run("openssl", verify + [declaration]).status == 0)
        let changed = try place.write((Declaration.dimona + " ").utf8, to: "changed")
        #expect(try Program.run("openssl", verify + [changed]).status != 0)
    }

    @Test func `an encrypted key is opened with a passphrase from standard input only`() throws {
        let (place, declaration, _) = try desk()
        try Program.need(
            "openssl",
            [
                "pkcs8", "-topk8", "-in", place.file("key.pem"), "-out", place.file("locked.pem"), "-passout",
                "pass:open sesame",
            ])
        let arguments = [
            declaration, "--key", place.file("locked.pem"), "--certificate", place.file("certificate.pem"),
        ]
        let right = try sign(arguments + ["--passphrase-stdin"], input: "open sesame\n")
        #expect(right.status == 0, "\(right.errors)")
        #expect(try sign(arguments + ["--passphrase-stdin"], input: "wrong\n").status == 1)
        #expect(try sign(arguments).status == 1)
    }

    @Test func `a file that is not there is told by its name`() throws {
        let (place, _, _) = try desk()
        let missing = place.file("FI.DIMN.006400.20230420.00002.R.1.1")
        let run = try sign([
            missing, "--key", place.file("key.pem"), "--certificate", place.file("certificate.pem"),
        ])
        #expect(run.status == 1 && run.errors.contains(missing), "\(run.errors)")
    }

    @Test func `a key of another certificate, and a name outside the convention, sign nothing`() throws {
        let (place, declaration, _) = try desk()
        let other = try Authority("Other CA").issue(to: "Other")
        let certificate = try place.write(other.pem, to: "other.pem")
        let run = try sign([declaration, "--key", place.file("key.pem"), "--certificate", certificate])
        #expect(run.status == 1)
        #expect(!run.errors.isEmpty)
        let odd = try place.write(Declaration.dimona.utf8, to: "declaration.xml")
        let named = try sign([
            odd, "--key", place.file("key.pem"), "--certificate", place.file("certificate.pem"),
        ])
        #expect(named.status == 1)
        #expect(named.errors.contains("declaration.xml"))
        #expect(!names(in: place.path).contains { $0.hasPrefix("FS.") || $0.hasPrefix("GO.") })
    }
}
