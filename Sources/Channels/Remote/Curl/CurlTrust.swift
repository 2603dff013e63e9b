internal import CLibCurl

/// Which server of FTPS or HTTPS is the right one. It always proves it: by a certificate of a trusted authority with the
/// name of the server in it, by a key that is known, or by both. There is no way to leave that out.
public struct CurlTrust: Sendable, Hashable {
    /// A PEM file of the authorities to trust, and no others; nil for those of the machine, or for none where the key is
    /// pinned.
    public let authoritiesFile: String?
    /// The public key the server must have, as `sha256//` and its digest in base64; nil for any. Without
    /// `authoritiesFile` it is proof enough: nothing else in the certificate counts then.
    public let pinnedKey: String?

    public init(authoritiesFile: String? = nil, pinnedKey: String? = nil) {
        self.authoritiesFile = authoritiesFile
        self.pinnedKey = pinnedKey
    }
}

extension CurlEasy {
    /// TLS 1.2 or newer with a server that `trust` covers. To be set for every transfer that may use TLS.
    func trust(_ trust: CurlTrust) {
        // libcurl compares the key without these too (CURLOPT_PINNEDPUBLICKEY), before anything is sent.
        let isKeyEnough = trust.pinnedKey != nil && trust.authoritiesFile == nil
        set(CURLOPT_SSL_VERIFYPEER, isKeyEnough ? 0 : 1)
        set(CURLOPT_SSL_VERIFYHOST, isKeyEnough ? 0 : 2)
        set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
        if let file = trust.authoritiesFile {
            set(CURLOPT_CAINFO, file)
            set(CURLOPT_CAPATH, nil)
        }
        if let key = trust.pinnedKey { set(CURLOPT_PINNEDPUBLICKEY, key) }
    }
}
