internal import COpenSSL
public import Exchange

public import struct Foundation.Date

/// Makes keys, certificates and revocation lists, for new instances, demonstrations and tests.
public struct CertificateMint {
    private init() {}

    public enum KeyKind: Sendable, Hashable {
        case p256
        case p384
        case p521
        case rsa(bits: Int)
    }

    /// Bits of the key usage extension (RFC 5280 section 4.2.1.3), by OpenSSL's names.
    public enum KeyUsage: String, Sendable, Hashable, CaseIterable {
        case digitalSignature
        case nonRepudiation
        case keyEncipherment
        case keyAgreement
        case certificateSigning = "keyCertSign"
        case listSigning = "cRLSign"
    }

    /// What a certificate is to say.
    public struct Request: Sendable {
        public var commonName: String
        public var organisation: String?
        public var notBefore: Date
        public var notAfter: Date
        public var isAuthority = false
        /// Nil for what is usual: signing certificates and lists for an authority, digitalSignature and
        /// nonRepudiation for a signer. Empty for no such extension.
        public var keyUsage: [KeyUsage]?
        /// Host names and addresses of a server, for the subject alternative name; other characters than those of
        /// either are refused.
        public var hosts: [String] = []
        /// Positive, big-endian; nil for 16 random bytes.
        public var serial: [UInt8]?

        public init(
            commonName: String, organisation: String? = nil, notBefore: Date, notAfter: Date,
            isAuthority: Bool = false,
            keyUsage: [KeyUsage]? = nil, serial: [UInt8]? = nil
        ) {
            self.commonName = commonName
            self.organisation = organisation
            self.notBefore = notBefore
            self.notAfter = notAfter
            self.isAuthority = isAuthority
            self.keyUsage = keyUsage
            self.serial = serial
        }
    }

    /// Who issues: the certificate of an authority and its key.
    public struct Issuer: Sendable {
        public let certificate: CertificateFacts
        public let key: PrivateKey

        public init(certificate: CertificateFacts, key: PrivateKey) {
            self.certificate = certificate
            self.key = key
        }
    }

    /// A private key; the one owner of its EVP_PKEY. `@unchecked Sendable`: nothing changes after `init`.
    public final class PrivateKey: @unchecked Sendable {
        let owner: OpenSSLOwner

        init(owning owner: consuming OpenSSLOwner) {
            self.owner = owner
        }

        /// PKCS#8 in PEM, encrypted with AES-256 when there is a passphrase. Whoever asks for it keeps it
        /// secret.
        public func pem(passphrase: String? = nil) throws(CertificateFault) -> [UInt8] {
            ERR_clear_error()
            defer { ERR_clear_error() }
            let output = try OpenSSLValue.memory()
            let phrase = passphrase.map { Array($0.utf8CString) } ?? []
            let result = phrase.withUnsafeBufferPointer { buffer in
                PEM_write_bio_PKCS8PrivateKey(
                    output.handle, owner.handle, passphrase == nil ? nil : EVP_aes_256_cbc(),
                    buffer.baseAddress,
                    Int32(max(0, buffer.count - 1)), nil, nil)
            }
            try OpenSSLErrors.check(result, "writing a private key")
            return OpenSSLValue.bytes(ofMemory: output)
        }
    }

    /// A new key.
    public static func key(_ kind: KeyKind) throws(CertificateFault) -> PrivateKey {
        ERR_clear_error()
        defer { ERR_clear_error() }
        let handle: OpaquePointer?
        switch kind {
        case .p256: handle = ecluse_generate_ec("P-256")
        case .p384: handle = ecluse_generate_ec("P-384")
        case .p521: handle = ecluse_generate_ec("P-521")
        case .rsa(let bits):
            guard let bits = UInt32(exactly: bits) else {
                throw .internalFault("No RSA key has \(bits) bits.")
            }
            handle = ecluse_generate_rsa(bits)
        }
        return PrivateKey(owning: try OpenSSLOwner.make("making a key", handle) { EVP_PKEY_free($0) })
    }

    /// Reads a private key in PEM, such as the one of an authority kept in a file.
    public static func key(pem: [UInt8], passphrase: String?) throws(CertificateFault) -> PrivateKey {
        ERR_clear_error()
        defer { ERR_clear_error() }
        return PrivateKey(owning: try PrivateKeyReading.read(pem, passphrase: passphrase))
    }

    /// A new certificate for `key`, signed with SHA-256.
    ///
    /// - Parameter issuer: nil for a self-signed certificate.
    public static func certificate(
        _ request: Request, key: PrivateKey, issuer: Issuer? = nil
    ) throws(CertificateFault) -> CertificateFacts {
        ERR_clear_error()
        defer { ERR_clear_error() }
        let certificate = try OpenSSLOwner.make("making a certificate", X509_new()) { X509_free($0) }
        let handle = certificate.handle
        try OpenSSLErrors.check(X509_set_version(handle, Int(X509_VERSION_3)), "setting a version")
        try setSerial(request.serial, of: X509_get_serialNumber(handle))
        let subject = X509_get_subject_name(handle)
        if let organisation = request.organisation { try add(organisation, as: "O", to: subject) }
        try add(request.commonName, as: "CN", to: subject)
        try setTime(request.notBefore, X509_getm_notBefore(handle))
        try setTime(request.notAfter, X509_getm_notAfter(handle))
        try OpenSSLErrors.check(X509_set_pubkey(handle, key.owner.handle), "setting a key")
        let above = try issuer.map { issuer throws(CertificateFault) in
            try DecodedCertificate(der: issuer.certificate.der)
        }
        let authority = above?.handle ?? handle
        try OpenSSLErrors.check(
            X509_set_issuer_name(handle, X509_get_subject_name(authority)), "setting an issuer")
        try addExtensions(of: request, to: handle, authority: authority)
        let signer = issuer?.key ?? key
        guard X509_sign(handle, signer.owner.handle, DigestKind.sha256.algorithm) > 0 else {
            throw OpenSSLErrors.fault("signing a certificate")
        }
        guard let der = OpenSSLValue.der({ i2d_X509(handle, $0) }) else {
            throw OpenSSLErrors.fault("writing a certificate")
        }
        return try DecodedCertificate(der: der).facts()
    }

    /// The certificate in PEM.
    public static func pem(_ certificate: CertificateFacts) -> [UInt8] {
        PEMText.encode(certificate.der, label: "CERTIFICATE")
    }

    /// The list in PEM.
    public static func pem(_ list: RevocationListFacts) -> [UInt8] {
        PEMText.encode(list.der, label: "X509 CRL")
    }

    private static func addExtensions(
        of request: Request, to certificate: OpaquePointer, authority: OpaquePointer
    ) throws(CertificateFault) {
        let usage =
            request.keyUsage
            ?? (request.isAuthority
                ? [.certificateSigning, .listSigning] : [.digitalSignature, .nonRepudiation])
        var extensions: [(Int32, String)] = [
            (NID_basic_constraints, request.isAuthority ? "critical,CA:TRUE" : "critical,CA:FALSE")
        ]
        if !usage.isEmpty {
            extensions.append((NID_key_usage, "critical," + usage.map(\.rawValue).joined(separator: ",")))
        }
        if !request.hosts.isEmpty {
            extensions.append((NID_subject_alt_name, try alternativeNames(request.hosts)))
        }
        extensions += [(NID_subject_key_identifier, "hash"), (NID_authority_key_identifier, "keyid:always")]
        for (kind, text) in extensions {
            var context = X509V3_CTX()
            X509V3_set_ctx(&context, authority, certificate, nil, nil, 0)
            let item = try OpenSSLOwner.make(
                "making an extension", X509V3_EXT_nconf_nid(nil, &context, kind, text)
            ) { X509_EXTENSION_free($0) }
            try OpenSSLErrors.check(X509_add_ext(certificate, item.handle, -1), "adding an extension")
        }
    }

    private static func alternativeNames(_ hosts: [String]) throws(CertificateFault) -> String {
        let known = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:")
        guard let odd = hosts.first(where: { $0.isEmpty || !$0.allSatisfy(known.contains) }) else {
            return hosts.map { host in
                let isAddress = host.contains(":") || host.allSatisfy { $0.isNumber || $0 == "." }
                return (isAddress ? "IP:" : "DNS:") + host
            }.joined(separator: ",")
        }
        throw .internalFault("'\(odd)' is no host name or address.")
    }

    private static func add(_ text: String, as field: String, to name: OpaquePointer?)
        throws(CertificateFault)
    {
        let bytes = Array(text.utf8)
        let result = X509_NAME_add_entry_by_txt(
            name, field, MBSTRING_UTF8, bytes, Int32(clamping: bytes.count), -1, 0)
        try OpenSSLErrors.check(result, "setting a name")
    }

    static func setTime(_ time: Date, _ target: UnsafeMutablePointer<ASN1_TIME>?) throws(CertificateFault) {
        guard let seconds = OpenSSLValue.seconds(time), ASN1_TIME_set(target, seconds) != nil else {
            throw .internalFault("A time of the certificate is out of range.")
        }
    }

    static func setSerial(
        _ serial: [UInt8]?, of target: UnsafeMutablePointer<ASN1_INTEGER>?
    ) throws(CertificateFault) {
        var bytes = serial ?? [UInt8](repeating: 0, count: 16)
        if serial == nil {
            try OpenSSLErrors.check(RAND_bytes(&bytes, Int32(bytes.count)), "drawing a serial number")
            // The first bit off, so that the encoding keeps 16 bytes; the second on, so that it is never
            // shorter.
            bytes[0] = bytes[0] & 0x7F | 0x40
        }
        let number = try OpenSSLOwner.make(
            "making a serial number", BN_bin2bn(bytes, Int32(clamping: bytes.count), nil)
        ) { BN_free($0) }
        guard BN_to_ASN1_INTEGER(number.handle, target) != nil else {
            throw OpenSSLErrors.fault("setting a serial number")
        }
    }
}
