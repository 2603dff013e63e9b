internal import Foundation

/// A result one thread waits for and another gives, once. Sendable because `result` is only touched while
/// `condition` is held.
final class Pending<Value: Sendable>: @unchecked Sendable {
    private let condition = NSCondition()
    private var result: Result<Value, SpoolFault>?

    func settle(_ result: Result<Value, SpoolFault>) {
        condition.lock()
        if self.result == nil { self.result = result }
        condition.broadcast()
        condition.unlock()
    }

    func wait() throws(SpoolFault) -> Value {
        condition.lock()
        defer { condition.unlock() }
        while true {
            if let result { return try result.get() }
            condition.wait()
        }
    }
}
