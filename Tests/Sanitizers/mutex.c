// A preload library for ThreadSanitizer (scripts/sanitize): the slow path of Swift's `Mutex` in words it understands.
//
// `Mutex` (Swift 6.3, Synchronization/Mutex/LinuxImpl.swift) takes a free lock by an atomic that is compiled into our code,
// and ThreadSanitizer sees it. A lock that is held is taken in libswiftSynchronization.so, which is not instrumented: what
// one thread did under the lock then looks unordered to the next, and every contended lock is reported as a race. Here a
// held lock is waited for by trying again, so that the kernel never comes into it, and the order is told.
#include <sched.h>
#include <stdatomic.h>

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context))

extern void __tsan_acquire(void *address) __attribute__((weak));

// `_MutexHandle._lockSlow(_: UInt32)`. The word is 0, or the thread that has the lock.
SWIFT void lockSlow(unsigned thread, SELF _Atomic unsigned *word) __asm__("$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF");

SWIFT void lockSlow(unsigned thread, SELF _Atomic unsigned *word) {
    for (unsigned owner = 0; !atomic_compare_exchange_weak(word, &owner, thread); owner = 0) {
        if (owner == thread) __builtin_trap();
        sched_yield();
    }
    if (__tsan_acquire) __tsan_acquire(word);
}
