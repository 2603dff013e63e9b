import Exchange
import Foundation
import TestServers
import Testing
import Validation

@testable import SenderClient

/// Keys and certificates of a test: an authority, a receiver that signs receipts, a sender that signs sets.
struct Signet: Sendable {
    let authority: CertificateFacts
    let receiver: CertificateFacts
    let receiverKeyPEM: [UInt8]
    let receiverSigner: DocumentSigner
    let sender: CertificateFacts
    let senderKeyPEM: [UInt8]
    let senderSigner: DocumentSigner

    init() throws {
        let now = Date()
        func request(_ name: String, isAuthority: Bool = false) -> CertificateMint.Request {
            .init(
                commonName: name, notBefore: now - 3600, notAfter: now + 86_400, isAuthority: isAuthority)
        }
        let rootKey = try CertificateMint.key(.p256)
        authority = try CertificateMint.certificate(request("Root", isAuthority: true), key: rootKey)
        let issuer = CertificateMint.Issuer(certificate: authority, key: rootKey)
        let receiverKey = try CertificateMint.key(.p256)
        receiver = try CertificateMint.certificate(request("Receipts"), key: receiverKey, issuer: issuer)
        receiverKeyPEM = try receiverKey.pem()
        receiverSigner = try DocumentSigner(
            privateKeyPEM: receiverKeyPEM, certificate: receiver.der, passphrase: nil)
        let senderKey = try CertificateMint.key(.p256)
        senderKeyPEM = try senderKey.pem()
        sender = try CertificateMint.certificate(request("Jan Peeters"), key: senderKey, issuer: issuer)
        senderSigner = try DocumentSigner(
            privateKeyPEM: senderKeyPEM, certificate: sender.der, passphrase: nil)
    }

    /// A receipt document.
    static func receipt(
        of fileName: String, codes: [String] = [], isAccepted: Bool = true, ticket: String = "0380AB12CD3HZ"
    ) -> [UInt8] {
        let errors = codes.map { "<ErrorID>\($0)</ErrorID>" }.joined()
        return Array(
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <ACRF xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="ACRF_20231.xsd">
              <Form>
                <Identification>ACRF001</Identification>
                <FormCreationDate>2023-04-20</FormCreationDate>
                <FormCreationHour>10:21:07.412</FormCreationHour>
                <AttestationStatus>0</AttestationStatus>
                <TypeForm>\(isAccepted ? "PA" : "FA")</TypeForm>
                <FileReference>
                  <FileName>\(fileName)</FileName>
                  <ReferenceOrigin>2</ReferenceOrigin>
                  <ReferenceNbr>\(ticket)</ReferenceNbr>
                </FileReference>
                <ReceptionResult><ResultCode>\(isAccepted ? 1 : 0)</ResultCode>\(errors)</ReceptionResult>
              </Form>
            </ACRF>

            """.utf8)
    }
}

enum TestSets {
    /// The name of an FI of sender 006400.
    static func name(_ sequence: String, _ parts: Int = 1, _ part: Int = 1, environment: String = "R")
        -> String
    {
        "FI.DMFA.006400.20230420.\(sequence).\(environment).\(parts).\(part)"
    }

    static func content(_ seed: UInt64, size: Int) -> [UInt8] {
        var generator = SeededGenerator(seed: seed)
        return (0..<size).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    /// A set whose files lie in memory.
    static func set(
        _ sequence: String, sizes: [Int] = [300], environment: String = "R", seed: UInt64 = 1
    ) throws -> OutgoingSet {
        var files: [OutgoingFile] = []
        var name: SetName?
        for (index, size) in sizes.enumerated() {
            let fi = try #require(
                FileName(TestSets.name(sequence, sizes.count, index + 1, environment: environment)))
            name = try PartName(fi).set
            files.append(
                OutgoingFile(name: fi, content: .bytes(content(seed &+ UInt64(index), size: size))))
        }
        for file in files {
            let fs = try #require(FileName("FS" + file.name.escaped.dropFirst(2)))
            files.append(OutgoingFile(name: fs, content: .bytes(Array("signature of \(file.name)".utf8))))
        }
        let set = try #require(name)
        return OutgoingSet(name: set, files: files, trigger: try #require(set.triggerName))
    }
}
