internal import NIOSSL

extension WebServerConfiguration {
    /// Whether a server could start with this certificate and key, without listening.
    public func checkCertificate() throws(WebServerFault) {
        do {
            _ = try NIOSSLContext(configuration: .webService(self))
        } catch {
            throw .certificate("\(certificateChainFile) and \(privateKeyFile) cannot be used: \(error)")
        }
    }
}
