import Exchange
import Foundation
import Validation

/// The ways a signature file can be made, right and wrong. Those that `DocumentSigner` does not make are made by
/// the `openssl` command, as a sender would.
enum SignatureForm: String, Sendable, Codable, CaseIterable {
    case usual
    // Text forms.
    case der
    case armour
    case oneLine = "one-line"
    case crOnly = "cr-only"
    case junk
    case empty
    case cutShort = "cut-short"
    /// BER with indefinite lengths, as some tools write the outer elements.
    case indefinite
    case trailing
    // Made by openssl.
    case plainCMS = "openssl"
    case twoSigners = "two-signers"
    case sha1
    case pss
    case noAttributes = "no-attributes"
    case noCertificate = "no-certificate"
    case embedded
    case keyIdentifier = "key-identifier"
    /// Over the content with CRLF line ends, as mail tools sign.
    case canonical
    /// Over other bytes.
    case otherContent = "other-content"

    func sign(_ content: [UInt8], by signer: TestSigner, and second: TestSigner) throws -> [UInt8] {
        switch self {
        case .usual: return try signer.signer.sign(content, at: Date())
        case .otherContent: return try signer.signer.sign(content + [0x0A])
        case .der: return try SignatureForm.binary(signer.signer.sign(content))
        case .trailing:
            let der = try SignatureForm.binary(signer.signer.sign(content))
            return Array(Data(der + [0]).base64EncodedData())
        case .indefinite:
            let ber = try SignatureForm.indefinite(SignatureForm.binary(signer.signer.sign(content)))
            return Array(Data(ber).base64EncodedData())
        case .cutShort: return try signer.signer.sign(content).dropLast(200)
        case .junk: return Array("this is no signature\n".utf8)
        case .empty: return []
        case .armour:
            let text = try String(decoding: signer.signer.sign(content), as: UTF8.self)
            return Array("-----BEGIN PKCS7-----\r\n\(text)-----END PKCS7-----\r\n".utf8)
        case .oneLine: return try signer.signer.sign(content).filter { $0 != 0x0A && $0 != 0x0D }
        case .crOnly: return try signer.signer.sign(content).filter { $0 != 0x0A }
        default:
            let der = try OpenSSLCommand.cms(content, by: signer, and: second, options: options)
            return Array(Data(der).base64EncodedData(options: [.lineLength64Characters]))
        }
    }

    private var options: [String] {
        switch self {
        case .twoSigners: ["-binary", "-signer", "second.pem", "-inkey", "second.key"]
        case .sha1: ["-binary", "-md", "sha1"]
        case .pss: ["-binary", "-keyopt", "rsa_padding_mode:pss"]
        case .noAttributes: ["-binary", "-noattr"]
        case .noCertificate: ["-binary", "-nocerts"]
        case .embedded: ["-binary", "-nodetach"]
        case .keyIdentifier: ["-binary", "-keyid"]
        case .canonical: []
        default: ["-binary"]
        }
    }

    /// ContentInfo, its `[0]` and the SignedData in it, with their lengths left open and ended by two zeros each.
    private static func indefinite(_ der: [UInt8]) throws -> [UInt8] {
        let outer = try contents(of: der[...])
        let identifier = outer.prefix(11)
        let signedData = try contents(of: contents(of: outer.dropFirst(11)))
        return [0x30, 0x80] + identifier + [0xA0, 0x80, 0x30, 0x80] + signedData + [0, 0, 0, 0, 0, 0]
    }

    private static func contents(of element: ArraySlice<UInt8>) throws -> ArraySlice<UInt8> {
        guard let length = element.dropFirst().first else {
            throw OpenSSLCommand.Fault(sentence: "the signer wrote no DER")
        }
        return element.dropFirst(length < 0x80 ? 2 : 2 + Int(length & 0x7F))
    }

    private static func binary(_ text: [UInt8]) throws -> [UInt8] {
        guard let data = Data(base64Encoded: Data(text), options: .ignoreUnknownCharacters) else {
            throw OpenSSLCommand.Fault(sentence: "the signer wrote no base64")
        }
        return Array(data)
    }
}

/// The `openssl` command.
enum OpenSSLCommand {
    struct Fault: Error, CustomStringConvertible {
        let sentence: String
        var description: String { sentence }
    }

    /// A detached signature in DER over `content`, made in a directory of its own.
    static func cms(
        _ content: [UInt8], by signer: TestSigner, and second: TestSigner, options: [String]
    ) throws -> [UInt8] {
        let directory = try TemporaryDirectory("openssl")
        try directory.write("content", content)
        for (name, one) in [("first", signer), ("second", second)] {
            try directory.write("\(name).pem", CertificateMint.pem(one.certificate))
            try directory.write("\(name).key", one.keyPEM)
        }
        // A key option belongs to the signer named before it.
        let arguments =
            ["cms", "-sign", "-in", "content", "-signer", "first.pem", "-inkey", "first.key"] + options
            + ["-outform", "DER", "-out", "signature"]
        try run(arguments, in: directory)
        return Array(try Data(contentsOf: URL(fileURLWithPath: directory.path("signature"))))
    }

    static func run(_ arguments: [String], in directory: TemporaryDirectory) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        process.currentDirectoryURL = URL(fileURLWithPath: directory.path)
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Fault(
                sentence:
                    "openssl \(arguments.joined(separator: " ")) ended with \(process.terminationStatus)")
        }
    }
}
