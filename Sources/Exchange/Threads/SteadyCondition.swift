internal import Glibc

public import struct Foundation.TimeInterval

/// A lock with a condition, as `NSCondition`, whose limits of time run on the monotonic clock: those of `NSCondition`
/// are moments of the wall clock, and a clock set back an hour would have every thread wait an hour longer.
///
/// `@unchecked Sendable`: what the pointers lead to is changed by calls of pthread alone, which any thread may make.
public final class SteadyCondition: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    /// Nobody has it.
    public init() {
        var attributes = pthread_condattr_t()
        precondition(
            pthread_condattr_init(&attributes) == 0
                && pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0
                && pthread_mutex_init(mutex, nil) == 0 && pthread_cond_init(condition, &attributes) == 0)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Waits until nobody else has it.
    public func lock() { pthread_mutex_lock(mutex) }

    /// By the thread that has it.
    public func unlock() { pthread_mutex_unlock(mutex) }

    /// Has it for as long as `body` takes.
    public func withLock<Value>(_ body: () throws -> Value) rethrows -> Value {
        lock()
        defer { unlock() }
        return try body()
    }

    /// Wakes one who waits.
    public func signal() { pthread_cond_signal(condition) }

    /// Wakes all who wait.
    public func broadcast() { pthread_cond_broadcast(condition) }

    /// Lets go of the lock until somebody signals; may return without that.
    public func wait() { pthread_cond_wait(condition, mutex) }

    /// The same, for so many seconds at the most. False when they have passed.
    public func wait(atMost seconds: TimeInterval) -> Bool {
        var end = timespec()
        clock_gettime(CLOCK_MONOTONIC, &end)
        let whole = seconds.rounded(.down)
        end.tv_sec += Int(whole)
        end.tv_nsec += Int((seconds - whole) * 1e9)
        if end.tv_nsec >= 1_000_000_000 {
            end.tv_sec += 1
            end.tv_nsec -= 1_000_000_000
        }
        return pthread_cond_timedwait(condition, mutex, &end) == 0
    }
}
