/// Carries the bytes of SFTP. Confined to one thread. A fault ends it.
protocol SFTPWire: AnyObject {
    /// Takes as many bytes as go at once and returns how many, perhaps none.
    func send(_ bytes: RawSpan) throws(RemoteFault) -> Int

    /// Hands over what has come, without waiting; false when nothing has.
    func receive(_ take: (UnsafeRawBufferPointer) -> Void) throws(RemoteFault) -> Bool

    /// Waits until `send` or `receive` may go on; `.timedOut` when nothing moves for too long, or at the deadline.
    func wait(before deadline: ContinuousClock.Instant?) throws(RemoteFault)

    /// Harmless when repeated.
    func close()
}
