import Foundation
import Testing

@testable import Validation

/// A token of SoftHSM with the key and the certificate of a workshop, under the name `signing` and the number A101.
///
/// SoftHSM reads its configuration once in a process, and OpenSSL's engine looks for tokens once: all tokens of a test
/// run are made before the first is used. `@unchecked Sendable`: the one suite that uses them is serialised.
final class SoftToken: @unchecked Sendable {
    enum Name: CaseIterable {
        case rsa, curve, locked
    }

    static let pin = "4711"
    static let module = "/usr/lib/softhsm/libsofthsm2.so"
    /// Tests of it are left out without the programs, unless none may be.
    static let isAvailable =
        ProcessInfo.processInfo.environment["ECLUSE_REQUIRE_CLIENTS"] != nil
        || [module, "/usr/bin/softhsm2-util", "/usr/bin/pkcs11-tool"].allSatisfy(
            FileManager.default.isReadableFile)

    let label: String
    let workshop: SignatureWorkshop

    private static let all = Result {
        Dictionary(
            uniqueKeysWithValues: try Name.allCases.map { name in
                (name, try SoftToken(SignatureWorkshop(name == .rsa ? .rsa(bits: 2048) : .p256)))
            })
    }

    static func named(_ name: Name) throws -> SoftToken {
        try #require(try all.get()[name])
    }

    private static let configuration: String = {
        let directory = NSTemporaryDirectory() + "tokens-" + UUID().uuidString
        let file = directory + "/softhsm2.conf"
        try? FileManager.default.createDirectory(
            atPath: directory + "/tokens", withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        try? "directories.tokendir = \(directory)/tokens\nlog.level = ERROR\n".write(
            toFile: file, atomically: true, encoding: .utf8)
        setenv("SOFTHSM2_CONF", file, 1)
        return file
    }()

    private init(_ workshop: SignatureWorkshop) throws {
        self.workshop = workshop
        label = "token-" + UUID().uuidString.prefix(8)
        try run(
            "/usr/bin/softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", "1111", "--pin",
            SoftToken.pin)
        try #require(workshop.openssl("pkcs8 -topk8 -nocrypt -in key.pem -out token.p8").code == 0)
        try run(
            "/usr/bin/softhsm2-util", "--import", workshop.path("token.p8"), "--token", label, "--label",
            "signing",
            "--id", "A101", "--pin", SoftToken.pin)
        try #require(workshop.openssl("x509 -in leaf.pem -outform DER -out leaf.der").code == 0)
        try run(
            "/usr/bin/pkcs11-tool", "--module", SoftToken.module, "--token-label", label, "--login", "--pin",
            SoftToken.pin, "--write-object", workshop.path("leaf.der"), "--type", "cert", "--label",
            "signing", "--id",
            "A101")
    }

    private func run(_ program: String, _ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        var environment = ProcessInfo.processInfo.environment
        environment["SOFTHSM2_CONF"] = SoftToken.configuration
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(program) \(arguments)")
    }
}
