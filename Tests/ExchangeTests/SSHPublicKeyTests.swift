import Exchange
import Foundation
import Testing

/// Keys minted by `ssh-keygen`, which must be on the path.
@Suite struct SSHPublicKeyTests {
    struct Minted {
        let line: String
        let exchangeForm: String
        let privateKey: String

        init(type: String, bits: Int) throws {
            let directory = FileManager.default.temporaryDirectory
                .appendingPathComponent("keys-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: directory) }
            let path = directory.appendingPathComponent("id").path
            _ = try Minted.output(of: [
                "-q", "-t", type, "-b", "\(bits)", "-N", "", "-C", "an example with words", "-f", path,
            ])
            line = try String(contentsOfFile: path + ".pub", encoding: .utf8)
            privateKey = try String(contentsOfFile: path, encoding: .utf8)
            exchangeForm = try Minted.output(of: ["-e", "-m", "RFC4716", "-f", path + ".pub"])
        }

        private static func output(of arguments: [String]) throws -> String {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = ["ssh-keygen"] + arguments
            let pipe = Pipe()
            process.standardOutput = pipe
            process.standardInput = FileHandle.nullDevice
            try process.run()
            let data = pipe.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            try #require(process.terminationStatus == 0)
            return String(decoding: data, as: UTF8.self)
        }
    }

    static let kinds: [(type: String, bits: Int, algorithm: String)] = [
        ("ed25519", 256, "ssh-ed25519"), ("ecdsa", 256, "ecdsa-sha2-nistp256"),
        ("ecdsa", 384, "ecdsa-sha2-nistp384"),
        ("ecdsa", 521, "ecdsa-sha2-nistp521"), ("rsa", 2048, "ssh-rsa"),
    ]

    @Test(arguments: kinds)
    func `a key of a supported kind is read in both forms`(_ type: String, _ bits: Int, _ algorithm: String)
        throws
    {
        let minted = try Minted(type: type, bits: bits)
        let key = try SSHPublicKey(file: minted.line)
        #expect(key.algorithm == algorithm)
        #expect(key.bits == bits)
        #expect(Data(key.blob).base64EncodedString() == minted.line.split(separator: " ")[1])
        #expect(try SSHPublicKey(file: minted.exchangeForm) == key)
        #expect(try SSHPublicKey(blob: key.blob) == key)
        let windows = minted.exchangeForm.replacingOccurrences(of: "\n", with: "\r\n")
        #expect(try SSHPublicKey(file: windows) == key)
        #expect(try SSHPublicKey(file: "# a comment\n" + minted.line) == key)
    }

    @Test func `headers of the RFC 4716 form are skipped, continued ones too`() throws {
        let minted = try Minted(type: "ed25519", bits: 256)
        let lines = minted.exchangeForm.split(separator: "\n").map(String.init)
        let headers = ["Subject: somebody", "Comment: a long \\", "story that goes \\", "on", "x-other: 1"]
        let text = ([lines[0]] + headers + lines.dropFirst(2)).joined(separator: "\n")
        #expect(try SSHPublicKey(file: text) == SSHPublicKey(file: minted.line))
    }

    @Test func `an RSA key of 1024 bits is too weak`() throws {
        let minted = try Minted(type: "rsa", bits: 1024)
        #expect(throws: SSHPublicKey.Fault.weak(bits: 1024)) { try SSHPublicKey(file: minted.line) }
    }

    @Test func `a private key is told apart`() throws {
        for kind in [("ed25519", 256), ("rsa", 2048)] {
            let minted = try Minted(type: kind.0, bits: kind.1)
            #expect(throws: SSHPublicKey.Fault.privateKey) { try SSHPublicKey(file: minted.privateKey) }
        }
    }

    @Test(arguments: [
        "", "\n", "ssh-ed25519", "ssh-ed25519 !!!!", "ssh-ed25519 AAAA", "hello world",
        "---- BEGIN SSH2 PUBLIC KEY ----",
    ])
    func `a text that is no key is none`(_ text: String) {
        #expect(throws: SSHPublicKey.Fault.notAKey) { try SSHPublicKey(file: text) }
    }

    @Test func `two keys in one file are refused`() throws {
        let minted = try Minted(type: "ed25519", bits: 256)
        #expect(throws: SSHPublicKey.Fault.notAKey) { try SSHPublicKey(file: minted.line + minted.line) }
    }

    @Test func `an algorithm that is not supported is named, without anything unprintable`() throws {
        let name = Array("ssh-dss\n".utf8)
        let blob = [0, 0, 0, UInt8(name.count)] + name + [0, 0, 0, 1, 2]
        #expect(throws: SSHPublicKey.Fault.unsupportedAlgorithm("ssh-dss")) { try SSHPublicKey(blob: blob) }
    }

    @Test func `a curve or a point that does not fit its algorithm is refused`() throws {
        let blob = try SSHPublicKey(file: Minted(type: "ecdsa", bits: 256).line).blob
        var otherCurve = blob
        // The curve's name stands after the algorithm's: 4 + 19 + 4 bytes, and ends in 256.
        otherCurve.replaceSubrange(32..<35, with: Array("384".utf8))
        #expect(throws: SSHPublicKey.Fault.notAKey) { try SSHPublicKey(blob: otherCurve) }
        var compressed = blob
        compressed[39] = 2
        #expect(throws: SSHPublicKey.Fault.notAKey) { try SSHPublicKey(blob: compressed) }
    }

    @Test(arguments: kinds)
    func `a blob cut short or with more behind it is refused`(
        _ type: String, _ bits: Int, _ algorithm: String
    ) throws {
        let blob = try SSHPublicKey(file: Minted(type: type, bits: bits).line).blob
        for length in blob.indices {
            #expect(throws: SSHPublicKey.Fault.self) { try SSHPublicKey(blob: Array(blob.prefix(length))) }
        }
        var generator = SeededGenerator(seed: 4716)
        for _ in 0..<50 {
            let more = generator.bytes(Int.random(in: 1...40, using: &generator))
            #expect(throws: SSHPublicKey.Fault.notAKey) { try SSHPublicKey(blob: blob + more) }
        }
    }

    @Test func `lengths that lie never crash the reader`() throws {
        var generator = SeededGenerator(seed: 4253)
        let blob = try SSHPublicKey(file: Minted(type: "ecdsa", bits: 384).line).blob
        for _ in 0..<5000 {
            var bytes = Array(blob.prefix(Int.random(in: 0...blob.count, using: &generator)))
            for _ in 0..<3 where !bytes.isEmpty {
                bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(
                    in: 0...255, using: &generator)
            }
            if let key = try? SSHPublicKey(blob: bytes) { #expect(key.blob == bytes) }
            if let key = try? SSHPublicKey(blob: generator.bytes(60)) { #expect(key.blob.count == 60) }
        }
        #expect(throws: SSHPublicKey.Fault.notAKey) { try SSHPublicKey(blob: [255, 255, 255, 255] + blob) }
    }
}
