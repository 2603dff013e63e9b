import Channels
import Exchange
import Foundation
import Testing
import Validation

@testable import SenderClient

@Suite struct KeySourceTests {
    private let scratch: Scratch
    private let signet: Signet

    init() throws {
        scratch = try Scratch()
        signet = try Signet()
        try scratch.write(signet.senderKeyPEM, to: "key.pem")
        try scratch.write(CertificateMint.pem(signet.sender), to: "certificate.pem")
    }

    private func run(_ program: String, _ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }

    @Test func `an open key needs its certificate and no secret`() throws {
        let source = try KeySource(scratch.file("key.pem"))
        let nobody = SecretSource.file(scratch.file("nothing"))
        let open = try source.open(certificate: scratch.file("certificate.pem"), module: nil, secret: nobody)
        #expect(open.certificate == signet.sender)
        #expect(throws: Never.self) { try open.documentSigner() }
        #expect(throws: KeyOpeningFault.self) {
            try source.open(certificate: nil, module: nil, secret: nobody)
        }
        try scratch.write(CertificateMint.pem(signet.receiver), to: "other.pem")
        #expect(throws: KeyOpeningFault.self) {
            try source.open(certificate: scratch.file("other.pem"), module: nil, secret: nobody)
        }
    }

    @Test func `a PKCS 12 file brings its certificate and opens with a secret from a file`() throws {
        try scratch.write("s3cret\nsecond line\n", to: "secret")
        try run(
            "openssl", "pkcs12", "-export", "-inkey", scratch.file("key.pem"), "-in",
            scratch.file("certificate.pem"),
            "-passout", "file:" + scratch.file("secret"), "-out", scratch.file("key.p12"))
        let source = try KeySource(scratch.file("key.p12"))
        let open = try source.open(certificate: nil, module: nil, secret: .file(scratch.file("secret")))
        #expect(open.certificate.fingerprint == signet.sender.fingerprint)
        try scratch.write("wrong", to: "wrong")
        #expect {
            try source.open(certificate: nil, module: nil, secret: .file(scratch.file("wrong")))
        } throws: { "\($0)".contains("wrong") }
    }

    @Test func `a key on a token is named by its URI and needs a module`() throws {
        let source = try KeySource("pkcs11:token=card;object=signing")
        #expect {
            try source.open(certificate: nil, module: nil, secret: .file("/nothing"))
        } throws: { "\($0)".contains("PKCS11_MODULE_PATH") }
        #expect(throws: KeyFault.self) { try KeySource("pkcs11:token=card;object=signing?pin-value=1234") }
    }

    @Test func `secrets come from a file or a descriptor, one line each`() throws {
        try scratch.write("s3cret\r\nnext\n", to: "secret")
        let read = try SecretSource.file(scratch.file("secret")).read(prompt: "Passphrase")
        #expect(read.withCString { String(cString: $0) } == "s3cret")
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        defer { close(ends[0]) }
        let words = Array("first\nsecond".utf8)
        #expect(write(ends[1], words, words.count) == words.count)
        close(ends[1])
        for expected in ["first", "second", ""] {
            let line = try SecretSource.descriptor(ends[0]).read(prompt: "Passphrase")
            #expect(line.withCString { String(cString: $0) } == expected)
        }
        #expect(throws: SecretFault.self) { try SecretSource.file("/nothing").read(prompt: "Passphrase") }
        try scratch.write([UInt8](repeating: 0x61, count: 5000), to: "endless")
        #expect(throws: SecretFault.self) {
            try SecretSource.file(scratch.file("endless")).read(prompt: "Passphrase")
        }
        #expect(throws: SecretFault.self) { try SecretSource.descriptor(9999).read(prompt: "Passphrase") }
    }

    @Test(arguments: [
        ("ed25519", "", false), ("ed25519", "s3cret", true), ("rsa", "", false), ("rsa", "s3cret", true),
    ])
    func `a locked SSH key is known as locked`(kind: String, passphrase: String, isLocked: Bool) throws {
        for (form, options) in [("new", []), ("pem", ["-m", "PEM"])] where kind == "rsa" || form == "new" {
            let path = scratch.file("id-\(form)")
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/ssh-keygen")
            process.arguments = ["-q", "-t", kind, "-N", passphrase, "-f", path] + options
            try process.run()
            process.waitUntilExit()
            try scratch.write("s3cret", to: "secret")
            let proof = try IdentityFile(path).proof(secret: .file(scratch.file("secret")))
            #expect(proof == .keyFile(path: path, passphrase: isLocked ? Secret("s3cret") : nil))
        }
    }
}
