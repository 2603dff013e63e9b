import Exchange
import Foundation
import Testing

@testable import Validation

/// Keys on a SoftHSM token. In one after the other, because engine and module are one for the process.
@Suite(.serialized, .enabled(if: SoftToken.isAvailable)) struct KeyTokenTests {
    private func pin(_ text: String = SoftToken.pin) throws -> Passphrase {
        var bytes = Array(text.utf8)
        return try #require(Passphrase(wiping: &bytes))
    }

    // The first, because the engine keeps a PIN that was right.
    @Test func `no PIN, a wrong one, the right one and an unknown key are told apart`() throws {
        let token = try SoftToken.named(.locked)
        let address = try TokenAddress("pkcs11:token=\(token.label);object=signing")
        #expect(throws: KeyFault.passphraseWanted) {
            try TokenKey.open(address, module: SoftToken.module, pin: nil)
        }
        let wrong = try pin("9999")
        #expect(throws: KeyFault.wrongPassphrase) {
            try TokenKey.open(address, module: SoftToken.module, pin: wrong)
        }
        let opened = try TokenKey.open(address, module: SoftToken.module, pin: pin())
        #expect(opened.key.isKey(of: token.workshop.leaf))
        let other = try TokenAddress("pkcs11:token=\(token.label);object=other")
        let right = try pin()
        #expect {
            try TokenKey.open(other, module: SoftToken.module, pin: right)
        } throws: { fault in
            guard case KeyFault.notOnToken(let words) = fault else { return false }
            return words.contains("object=other")
        }
    }

    @Test(arguments: [SoftToken.Name.rsa, .curve])
    func `a key signs on its token, with the certificate beside it`(name: SoftToken.Name) throws {
        let token = try SoftToken.named(name)
        let workshop = token.workshop
        let opened = try TokenKey.open(
            TokenAddress("pkcs11:token=\(token.label);object=signing"), module: SoftToken.module, pin: pin())
        #expect(opened.certificate?.fingerprint == workshop.leaf.fingerprint)
        let signer = try DocumentSigner(key: opened.key, certificate: workshop.leaf)
        try workshop.write("signature", signer.signFile(at: workshop.path("payload")))
        #expect(throws: Never.self) { try workshop.verify().get() }
        let scheme = try #require(opened.key.webScheme)
        #expect(throws: Never.self) { try opened.key.webSignature(over: [1, 2, 3], scheme) }
        let byNumber = try TokenKey.open(
            TokenAddress("pkcs11:token=\(token.label);id=%A1%01"), module: SoftToken.module, pin: pin())
        #expect(byNumber.key.isKey(of: workshop.leaf))
    }

    @Test func `a module other than the first is told, not passed over`() throws {
        let token = try SoftToken.named(.curve)
        _ = try TokenKey.open(
            TokenAddress("pkcs11:token=\(token.label);object=signing"), module: SoftToken.module, pin: pin())
        let address = try TokenAddress("pkcs11:token=a;object=b")
        #expect {
            try TokenKey.open(address, module: "/nowhere/module.so", pin: nil)
        } throws: { fault in
            guard case KeyFault.tokenUnavailable(let words) = fault else { return false }
            return words.contains("/nowhere/module.so")
        }
    }
}

@Suite struct KeyTokenAddressTests {
    @Test func `an address names a token and an object`() throws {
        let address = try TokenAddress(
            "pkcs11:token=My%20card;object=signing;type=private?pin-source=file:/run/pin&module-path=/usr/lib/p11.so"
        )
        #expect(address.text(of: .key) == "pkcs11:token=My%20card;object=signing;type=private")
        #expect(address.text(of: .certificate) == "pkcs11:token=My%20card;object=signing;type=cert")
        #expect(address.pinFile == "/run/pin")
        #expect(address.module == "/usr/lib/p11.so")
        #expect("\(address)" == "pkcs11:token=My%20card;object=signing")
    }

    @Test(arguments: [
        "pkcs11:", "pkcs11:token=a", "pkcs11:object=a", "pkcs11:token=a;object",
        "pkcs11:token=a;object=b;x-odd=1",
        "pkcs11:token=a b;object=c", "pkcs12:token=a;object=b",
    ])
    func `anything less is refused`(text: String) {
        #expect(throws: KeyFault.self) { try TokenAddress(text) }
    }

    @Test(arguments: ["pkcs11:token=a;object=b?pin-value=1234", "pkcs11:token=a;object=b;pin-value=1234"])
    func `a PIN in the address is refused without being repeated`(text: String) {
        #expect {
            try TokenAddress(text)
        } throws: { "\($0)".contains("PIN") && !"\($0)".contains("1234") }
    }
}
