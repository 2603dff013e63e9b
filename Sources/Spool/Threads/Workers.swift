internal import Foundation

/// Threads of the spool that can be waited for. Sendable because `running` is only touched while `condition`
/// is held.
final class Workers: @unchecked Sendable {
    private let condition = NSCondition()
    private var running = 0

    func start(_ name: String, count: Int = 1, _ body: @escaping @Sendable () -> Void) {
        for number in 1...max(1, count) {
            condition.withLock { running += 1 }
            let thread = Thread { [self] in
                body()
                condition.withLock {
                    running -= 1
                    condition.broadcast()
                }
            }
            thread.name = count > 1 ? "\(name) \(number)" : name
            thread.start()
        }
    }

    /// Returns when every thread has ended.
    func join() {
        condition.lock()
        while running > 0 { condition.wait() }
        condition.unlock()
    }
}
