internal import CLibCurl

/// Whose certificates a server of FTPS or HTTPS may show. It is always verified, with the name in it; there is no
/// way to leave that out.
public struct CurlTrust: Sendable, Hashable {
    /// A PEM file of the authorities to trust, and no others; nil for those of the machine.
    public let authoritiesFile: String?
    /// The public key the server must have besides, as `sha256//` and its digest in base64; nil for any.
    public let pinnedKey: String?

    public init(authoritiesFile: String? = nil, pinnedKey: String? = nil) {
        self.authoritiesFile = authoritiesFile
        self.pinnedKey = pinnedKey
    }
}

extension CurlEasy {
    /// TLS 1.2 or newer with a server that `trust` covers. To be set for every transfer that may use TLS.
    func trust(_ trust: CurlTrust) {
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
        if let file = trust.authoritiesFile {
            set(CURLOPT_CAINFO, file)
            set(CURLOPT_CAPATH, nil)
        }
        if let key = trust.pinnedKey { set(CURLOPT_PINNEDPUBLICKEY, key) }
    }
}
