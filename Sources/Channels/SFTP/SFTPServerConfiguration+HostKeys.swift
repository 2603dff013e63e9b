extension SFTPServerConfiguration {
    /// Whether a server could start with these host keys, without listening.
    public func checkHostKeys() throws(SFTPServerFault) {
        _ = try SSHTransport.make(hostKeyFiles: hostKeyFiles)
    }
}
