internal import Exchange
internal import Synchronization

/// What one sender has that is not sealed, in its home and its consignments together, and how much it may
/// have.
final class SenderAllowance: Sendable {
    private struct Use {
        var bytes: UInt64 = 0
        var consignments = 0
    }

    private let limits: SpoolLimits
    private let use = Mutex(Use())

    init(limits: SpoolLimits) {
        self.limits = limits
    }

    /// - Throws: `.tooManyFiles` when the sender would have more bytes than allowed.
    func requireRoom(for growth: UInt64) throws(HomeFault) {
        let sum = use.withLock { $0.bytes.addingReportingOverflow(growth) }
        guard !sum.overflow, sum.partialValue <= UInt64(clamping: limits.bytesPerSender) else {
            throw .tooManyFiles
        }
    }

    /// Some of the sender's files had `old` bytes together and have `new` now.
    func note(from old: UInt64, to new: UInt64) {
        if old != new { use.withLock { $0.bytes = $0.bytes - old + new } }
    }

    /// - Parameter isBound: false for one that is there already, whatever the limit.
    /// - Throws: `.tooManyFiles` when the sender has as many consignments as allowed.
    func addConsignment(isBound: Bool) throws(HomeFault) {
        try use.withLock { use throws(HomeFault) in
            guard !isBound || use.consignments < limits.consignmentsPerSender else { throw .tooManyFiles }
            use.consignments += 1
        }
    }

    func removeConsignment() {
        use.withLock { $0.consignments -= 1 }
    }
}
