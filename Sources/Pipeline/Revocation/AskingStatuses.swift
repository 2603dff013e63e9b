internal import Exchange
internal import Registry

/// What responders said, as the registry holds it; what it does not hold is asked for in the background.
struct AskingStatuses: StatusDirectory {
    let registry: Registry
    /// Nil: nobody fetches in this process.
    let refresher: StatusRefresher?

    func status(
        of certificate: Digest, serial: String, by authority: Digest
    ) throws(Deferral) -> CertificateStatus? {
        let status = try registry.status(of: certificate, serial: serial, by: authority)
        if status == nil { refresher?.ask(of: certificate, serial: serial, by: authority) }
        return status
    }
}
