extension Spool {
    /// What `SpoolCheck` finds in this spool while it is open; none when all is well.
    public func findings() throws(SpoolFault) -> [SpoolCheck.Finding] {
        do {
            return try SpoolCheck(root: ground.disk.directory, ledger: ledger).findings(pause: 0)
        } catch {
            throw (error as? SystemFault)?.spoolFault ?? SpoolFault(ledgerError: error)
        }
    }
}
