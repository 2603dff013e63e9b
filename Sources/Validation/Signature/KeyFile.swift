internal import COpenSSL
public import Exchange

/// A private key out of a file, with the certificates that came with it.
public struct KeyFile: Sendable {
    public let key: SigningKey
    /// The key's certificate, when the file has it (PKCS#12).
    public let certificate: CertificateFacts?
    /// The other certificates of the file, in DER and in its order.
    public let chain: [[UInt8]]

    /// The largest file read, in bytes: keys and chains have a few thousand.
    public static let largest = 1_048_576

    init(key: SigningKey, certificate: CertificateFacts? = nil, chain: [[UInt8]] = []) {
        self.key = key
        self.certificate = certificate
        self.chain = chain
    }

    /// Reads PKCS#8, PKCS#1 and SEC 1 in PEM or DER, open or encrypted, and PKCS#12. What it is, is told by its
    /// contents.
    ///
    /// - Parameter passphrase: never asked for on a terminal from here. One that is not needed is not looked at.
    /// - Throws: `.passphraseWanted`, `.wrongPassphrase`, `.notAKey`, `.keyForLogIn`, `.unreadableContents`,
    ///   `.noKeyInside`, `.certificate`, `.internalFault`.
    public static func read(_ file: [UInt8], passphrase: Passphrase?) throws(KeyFault) -> KeyFile {
        guard !file.isEmpty, file.count <= largest else { throw .notAKey }
        ERR_clear_error()
        defer { ERR_clear_error() }
        if let archive = OpenSSLValue.decode(file, { d2i_PKCS12(nil, $0, $1) }, free: { PKCS12_free($0) }) {
            defer { PKCS12_free(archive) }
            return try PKCS12File(borrowing: archive).open(passphrase)
        }
        return KeyFile(key: SigningKey(owning: try privateKey(file, passphrase)))
    }

    private static func privateKey(_ file: [UInt8], _ passphrase: Passphrase?) throws(KeyFault)
        -> OpenSSLOwner
    {
        let isDER = file[0] == BERElement.sequence
        if isDER,
            let key = OpenSSLValue.decode(
                file, { d2i_AutoPrivateKey(nil, $0, $1) }, free: { EVP_PKEY_free($0) })
        {
            return OpenSSLOwner(owning: key) { EVP_PKEY_free($0) }
        }
        let answer = PassphraseAnswer(passphrase)
        let source: OpenSSLOwner
        do {
            source = try OpenSSLValue.memory(file)
        } catch {
            throw .internalFault(error.sentence)
        }
        let key =
            isDER
            ? d2i_PKCS8PrivateKey_bio(source.handle, nil, PassphraseAnswer.callback, answer.pointer)
            : PEM_read_bio_PrivateKey(source.handle, nil, PassphraseAnswer.callback, answer.pointer)
        if let key { return OpenSSLOwner(owning: key) { EVP_PKEY_free($0) } }
        if answer.wasAsked { throw passphrase == nil ? .passphraseWanted : .wrongPassphrase }
        throw file.contains(subsequence: "-----BEGIN OPENSSH PRIVATE KEY-----") ? .keyForLogIn : .notAKey
    }
}

extension [UInt8] {
    fileprivate func contains(subsequence text: StaticString) -> Bool {
        text.withUTF8Buffer { text in
            indices.contains { self[$0...].starts(with: text) }
        }
    }
}
