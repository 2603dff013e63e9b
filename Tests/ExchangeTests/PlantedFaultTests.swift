import Foundation
import Testing

/// Faults on purpose, for `scripts/sanitize`, which expects each to be found. They run at its word only.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["ECLUSE_PLANTED"] != nil))
struct PlantedFaultTests {
    @Test func `the planted fault is there`() {
        switch ProcessInfo.processInfo.environment["ECLUSE_PLANTED"] {
        case "overflow": overflow(4)
        case "leak": for size in 100..<200 { leak(size) }
        case "race": race()
        default: Issue.record("there is no such fault")
        }
    }

    @inline(never) private func overflow(_ count: Int) {
        let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: count)
        bytes[count] = 1
        bytes.deallocate()
    }

    @inline(never) private func leak(_ size: Int) {
        UnsafeMutablePointer<UInt8>.allocate(capacity: size).initialize(to: 1)
    }

    private func race() {
        nonisolated(unsafe) let number = UnsafeMutablePointer<Int>.allocate(capacity: 1)
        number.initialize(to: 0)
        let ended = DispatchSemaphore(value: 0)
        for _ in 0..<2 {
            Thread.detachNewThread {
                for step in 0..<1000 {
                    number.pointee += step
                    usleep(10)
                }
                ended.signal()
            }
        }
        for _ in 0..<2 { ended.wait() }
        number.deallocate()
    }
}
