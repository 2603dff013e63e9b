import Exchange
import Foundation
import Testing
import Validation

/// Accepted authorities and their revocation lists.
@Suite(.unserved) struct TrustCommandTests {
    @Test func `authorities are accepted, listed and removed`() throws {
        let instance = try SharedInstance.running()
        let authority = try Authority("Passing CA")
        let file = try instance.scratch.write(authority.issuer.certificate.der, to: "passing.cer")
        try instance.must("trust", "add", file)
        let fingerprint = authority.issuer.certificate.fingerprint.description
        #expect(try instance.must("trust", "list").output.contains("\(fingerprint)  "))
        let rows = try instance.must("trust", "list", "--json").objects()
        #expect(rows.contains { ($0["facts"] as? [String: Any])?["fingerprint"] as? String == fingerprint })
        try instance.must("trust", "remove", String(fingerprint.prefix(16)))
        #expect(try !instance.must("trust", "list").output.contains(fingerprint))
    }

    @Test func `a certificate that is no authority's, and an expired authority, are refused`() throws {
        let instance = try SharedInstance.running()
        let signatory = try instance.authority.issue(to: "No authority")
        let run = try instance.run("trust", "add", instance.scratch.write(signatory.pem, to: "none.pem"))
        #expect(run.status == 4)
        #expect(run.errors.contains("not one of an authority"))
        let missing = try instance.run("trust", "add", "/nowhere.pem")
        #expect(missing.status == 1)
        #expect(missing.errors.contains("/nowhere.pem"))
    }

    @Test func `a list of an accepted authority is taken; an older one or a stranger's is not`() throws {
        let instance = try SharedInstance.running()
        func load(_ list: [UInt8], _ name: String) throws -> Program {
            try instance.run("trust", "crl", instance.scratch.write(list, to: name))
        }
        let newer = try instance.authority.list(
            revoking: [], number: 7, from: Date() - 60, until: Date() + 3600)
        let taken = try load(newer, "7.pem")
        #expect(taken.status == 0, "\(taken.errors)")
        #expect(taken.errors.contains("list 7 of"))
        let older = try instance.authority.list(
            revoking: [], number: 6, from: Date() - 7200, until: Date() + 3600)
        #expect(try load(older, "6.pem").status == 4)
        let strange = try Authority("Unknown CA").list(revoking: [], number: 1, until: Date() + 3600)
        let refused = try load(strange, "strange.pem")
        #expect(refused.status == 4)
        #expect(refused.errors.contains("accepted authority"))
    }

    @Test func `where an authority's statuses come from is set and shown`() throws {
        let instance = try Instance()
        let fingerprint = instance.authority.issuer.certificate.fingerprint.description
        func source() throws -> [String: Any]? {
            let rows = try instance.must("trust", "list", "--json").objects()
            return rows.first { ($0["facts"] as? [String: Any])?["fingerprint"] as? String == fingerprint }?[
                "source"] as? [String: Any]
        }
        #expect(try source()?["kind"] as? String == "file")
        try instance.must("trust", "source", fingerprint, "--crl-url", "http://127.0.0.1:1/list.crl")
        #expect(try source()?["kind"] as? String == "crl")
        #expect(try source()?["url"] as? String == "http://127.0.0.1:1/list.crl")
        #expect(try source()?["ageLimit"] as? Double == 86_400)
        try instance.must(
            "trust", "source", fingerprint, "--ocsp-url", "https://127.0.0.1:1", "--age-limit", "90 min")
        #expect(try source()?["kind"] as? String == "ocsp")
        #expect(try source()?["ageLimit"] as? Double == 5400)
        #expect(
            try instance.must("trust", "list").output.contains("ocsp https://127.0.0.1:1 for 5400 s"))
        #expect(try instance.run("trust", "source", fingerprint, "--ocsp-url", "ldap://a/b").status == 4)
        #expect(try instance.run("trust", "source", fingerprint).status == 2)
        try instance.must("trust", "source", fingerprint, "--file")
        #expect(try source()?["kind"] as? String == "file")
    }

    @Test func `a certificate on the list is refused at registration`() throws {
        let instance = try Instance()
        let revoked = try instance.authority.issue(to: "Revoked")
        let list = try instance.authority.list(revoking: [revoked], number: 1, until: Date() + 3600)
        try instance.must("trust", "crl", instance.scratch.write(list, to: "list.pem"))
        let sender = try instance.enrol()
        let run = try instance.run(
            "sender", "certificate", "add", sender.number, "sftp",
            instance.scratch.write(revoked.pem, to: "revoked.pem"))
        #expect(run.status == 4)
        #expect(run.errors.contains("revoked"))
    }
}
