import Foundation
import Testing

@Suite struct InitTests {
    private func initialise(_ arguments: [String]) throws -> Program {
        try Program.run(Built.ecluse(), ["init"] + arguments)
    }

    @Test func `a new instance holds everything, and its secrets are its owner's alone`() throws {
        let scratch = try Scratch()
        let made = try initialise([scratch.file("i")])
        #expect(made.status == 0, "\(made.errors)")
        for name in ["ssh_host_ed25519_key", "ssh_host_rsa_key", "receipt.key"] {
            let attributes = try FileManager.default.attributesOfItem(
                atPath: scratch.file("i/config/keys/\(name)"))
            #expect(attributes[.posixPermissions] as? Int == 0o600, "\(name)")
        }
        #expect(names(in: scratch.file("i")).contains("spool"))
        let check = try Program.run(
            Built.ecluse(), ["config", "check", "--config", scratch.file("i/config/ecluse.yaml")])
        #expect(check.status == 0, "\(check.errors)")
        #expect(check.errors.contains("is in order"))
    }

    @Test func `receipts are signed with a P-256 key, unless another is put in its place`() throws {
        let scratch = try Scratch()
        try #require(try initialise([scratch.file("i")]).status == 0)
        let key = try Program.need(
            "openssl", ["pkey", "-in", scratch.file("i/config/keys/receipt.key"), "-noout", "-text"])
        #expect(key.contains("NIST CURVE: P-256"), "\(key)")
    }

    @Test func `an instance that is there is left alone`() throws {
        let scratch = try Scratch()
        try #require(try initialise([scratch.file("i")]).status == 0)
        let before = try bytes(of: scratch.file("i/config/keys/receipt.key"))
        let again = try initialise([scratch.file("i")])
        #expect(again.status == 1)
        #expect(again.errors.contains("already there"))
        #expect(try bytes(of: scratch.file("i/config/keys/receipt.key")) == before)
    }

    @Test func `a spool that is there is left alone, though its configuration is lost`() throws {
        let scratch = try Scratch()
        try #require(try initialise([scratch.file("i")]).status == 0)
        try FileManager.default.removeItem(atPath: scratch.file("i/config"))
        let again = try initialise([scratch.file("i")])
        #expect(again.status == 1)
        #expect(again.errors.contains(scratch.file("i/spool/ledger.sqlite")), "\(again.errors)")
        #expect(!names(in: scratch.file("i")).contains("config"))
    }

    @Test func `a place where none can be made is told in words`() throws {
        let scratch = try Scratch()
        let file = try scratch.write("no folder".utf8, to: "file")
        let run = try initialise([file + "/i"])
        #expect(run.status == 1)
        #expect(run.errors.hasPrefix("ecluse: \(file)"), "\(run.errors)")
        #expect(!run.errors.contains("NSCocoaErrorDomain"), "\(run.errors)")
    }

    @Test func `an address that is none is a usage error and makes nothing`() throws {
        let scratch = try Scratch()
        #expect(try initialise([scratch.file("i"), "--sftp", "nonsense"]).status == 2)
        #expect(names(in: scratch.path).isEmpty)
    }

    @Test func `the demo plays the whole job and ends well`() throws {
        let run = try Program.run(Built.ecluse(), ["demo", "--servers", Built.servers], limit: 300)
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("verdict   accepted"))
        for code in ["ACRF-125", "ACRF-153", "ACRF-168", "ACRF-118", "ACRF-102", "ACRF-312"] {
            #expect(run.output.contains(code))
        }
        #expect(!run.output.contains("BAD"))
        for scheme in ["sftp://", "https://", "ftps://"] { #expect(run.output.contains("--to \(scheme)")) }
    }
}
