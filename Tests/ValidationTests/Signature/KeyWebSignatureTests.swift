import Exchange
import Foundation
import Testing

@testable import Validation

@Suite struct KeyWebSignatureTests {
    private static let content = Array("header.claims".utf8)

    private func key(_ kind: CertificateMint.KeyKind) throws -> SigningKey {
        try KeyFile.read(CertificateMint.key(kind).pem(), passphrase: nil).key
    }

    /// What `openssl dgst` says of a signature over `content`.
    private func isRight(
        _ value: [UInt8], _ digest: String, options: String = "", _ workshop: SignatureWorkshop
    ) throws -> Bool {
        try workshop.write("content", KeyWebSignatureTests.content)
        try workshop.write("value", value)
        try #require(workshop.openssl("pkey -in key.pem -pubout -out public.pem").code == 0)
        return try workshop.openssl("dgst -\(digest) -verify public.pem -signature value \(options) content")
            .code == 0
    }

    @Test(arguments: [
        (SigningKey.WebScheme.rs256, ""), (.ps256, "-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32"),
    ])
    func `an RSA key signs tokens in both paddings`(scheme: SigningKey.WebScheme, options: String) throws {
        let workshop = try SignatureWorkshop(.rsa(bits: 2048))
        let key = try KeyFile.read(workshop.read("key.pem"), passphrase: nil).key
        #expect(key.webScheme == .rs256)
        let value = try key.webSignature(over: KeyWebSignatureTests.content, scheme)
        #expect(try isRight(value, "sha256", options: options, workshop))
        #expect(throws: KeyFault.self) { try key.webSignature(over: [], .es256) }
    }

    @Test(arguments: [
        (CertificateMint.KeyKind.p256, SigningKey.WebScheme.es256, 64, "sha256"),
        (.p384, .es384, 96, "sha384"),
        (.p521, .es512, 132, "sha512"),
    ])
    func `a key on a curve signs tokens with two numbers of the curve's width`(
        kind: CertificateMint.KeyKind, scheme: SigningKey.WebScheme, length: Int, digest: String
    ) throws {
        let workshop = try SignatureWorkshop(kind)
        let key = try KeyFile.read(workshop.read("key.pem"), passphrase: nil).key
        #expect(key.webScheme == scheme)
        // Numbers with leading zeros come about one time in 256.
        for _ in 0..<600 {
            try #require(key.webSignature(over: KeyWebSignatureTests.content, scheme).count == length)
        }
        let value = try key.webSignature(over: KeyWebSignatureTests.content, scheme)
        let numbers = [value.prefix(length / 2), value.suffix(length / 2)].map { number in
            let significant = Array(number.drop { $0 == 0 })
            return DER.element(BERElement.integer, (significant[0] < 0x80 ? [] : [0]) + significant)
        }
        #expect(try isRight(DER.sequence(numbers[0], numbers[1]), digest, workshop))
        #expect(throws: KeyFault.self) { try key.webSignature(over: [], .rs256) }
    }
}
