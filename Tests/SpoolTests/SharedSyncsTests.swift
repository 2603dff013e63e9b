import Foundation
import Synchronization
import Testing

@testable import Spool

@Suite struct SharedSyncsTests {
    private let syncs = SharedSyncs()

    /// Begins a sync that lasts until it is let go.
    private func hold(
        _ name: String, failing isFailing: Bool = false
    ) -> (letGo: @Sendable () -> Void, ended: DispatchSemaphore) {
        let (begun, release, ended) = (
            DispatchSemaphore(value: 0), DispatchSemaphore(value: 0), DispatchSemaphore(value: 0)
        )
        let thread = Thread { [syncs] in
            try? syncs.sync(name) { () throws(SystemFault) in
                begun.signal()
                release.wait()
                if isFailing { throw SystemFault(operation: "fsync", path: name, code: 5) }
            }
            ended.signal()
        }
        thread.start()
        begun.wait()
        return ({ release.signal() }, ended)
    }

    @Test func `whoever comes during a sync waits for the next one, which is one for all of them`() throws {
        let (letGo, ended) = hold("a")
        let runs = Mutex(0)
        let outcomes = Mutex<[Int32]>([])
        let all = DispatchGroup()
        for _ in 0..<8 {
            all.enter()
            let thread = Thread { [syncs] in
                do throws(SystemFault) {
                    try syncs.sync("a") { () throws(SystemFault) in
                        runs.withLock { $0 += 1 }
                        throw SystemFault(operation: "fsync", path: "a", code: 5)
                    }
                } catch {
                    outcomes.withLock { $0.append(error.code) }
                }
                all.leave()
            }
            thread.start()
        }
        while syncs.waiting("a") < 8 { Thread.sleep(forTimeInterval: 0.001) }
        #expect(runs.withLock { $0 } == 0)
        letGo()
        #expect(ended.wait(timeout: .now() + 60) == .success)
        #expect(all.wait(timeout: .now() + 60) == .success)
        #expect(runs.withLock { $0 } == 1)
        #expect(outcomes.withLock { $0 } == Array(repeating: 5, count: 8))
    }

    @Test func `a failure is told to those who came meanwhile, though the next sync goes well`() throws {
        let (begun, release) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let outcomes = Mutex<[Int32]>([])
        let all = DispatchGroup()
        func ask(_ body: @escaping @Sendable () throws(SystemFault) -> Void) {
            all.enter()
            let thread = Thread { [syncs] in
                do throws(SystemFault) {
                    try syncs.sync("a", body)
                } catch {
                    outcomes.withLock { $0.append(error.code) }
                }
                all.leave()
            }
            thread.start()
        }
        ask { () throws(SystemFault) in
            begun.signal()
            release.wait()
            throw SystemFault(operation: "fsync", path: "a", code: 5)
        }
        begun.wait()
        for _ in 0..<3 { ask { () throws(SystemFault) in } }
        while syncs.waiting("a") < 3 { Thread.sleep(forTimeInterval: 0.001) }
        release.signal()
        #expect(all.wait(timeout: .now() + 60) == .success)
        #expect(outcomes.withLock { $0 } == [5, 5, 5, 5])
    }

    @Test func `a failure is told to two rounds after it, however many follow each other`() throws {
        let (letFirstGo, firstEnded) = hold("a", failing: true)
        let (begun, letGo) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let outcomes = Mutex<[Int: Int32]>([:])
        let all = DispatchGroup()
        func ask(_ round: Int) throws {
            all.enter()
            let thread = Thread { [syncs] in
                do throws(SystemFault) {
                    try syncs.sync("a") { () throws(SystemFault) in
                        begun.signal()
                        letGo.wait()
                    }
                    outcomes.withLock { $0[round] = 0 }
                } catch {
                    outcomes.withLock { $0[round] = error.code }
                }
                all.leave()
            }
            thread.start()
            try eventually("waits") { syncs.waiting("a") == 1 }
        }
        try ask(2)
        letFirstGo()
        for round in 3...4 {
            begun.wait()
            try ask(round)
            letGo.signal()
        }
        letGo.signal()
        #expect(firstEnded.wait(timeout: .now() + 60) == .success)
        #expect(all.wait(timeout: .now() + 60) == .success)
        #expect(outcomes.withLock { $0 } == [2: 5, 3: 5, 4: 0])
    }

    @Test func `a failure is told to the two who come next, however late, and other directories do not wait`()
        throws
    {
        let (letGo, ended) = hold("a")
        try syncs.sync("b") { () throws(SystemFault) in }
        letGo()
        #expect(ended.wait(timeout: .now() + 60) == .success)
        #expect(throws: SystemFault.self) {
            try syncs.sync("a") { () throws(SystemFault) in
                throw SystemFault(operation: "fsync", path: "a", code: 5)
            }
        }
        // The kernel has told of it, and will not again: what they changed may have been lost with it.
        for _ in 1...2 {
            let fault = #expect(throws: SystemFault.self) {
                try syncs.sync("a") { () throws(SystemFault) in }
            }
            #expect(fault?.code == 5)
        }
        try syncs.sync("a") { () throws(SystemFault) in }
        try syncs.sync("b") { () throws(SystemFault) in }
    }

    @Test
    func `only what a sync may have lost is kept, until its directory is gone, or with it when it moves`()
        throws
    {
        func fail(_ operation: String) {
            #expect(throws: SystemFault.self) {
                try syncs.sync("a") { () throws(SystemFault) in
                    throw SystemFault(operation: operation, path: "a", code: 5)
                }
            }
        }
        func succeed(_ syncs: SharedSyncs) throws { try syncs.sync("a") { () throws(SystemFault) in } }
        fail("open")
        try succeed(syncs)
        fail("fsync")
        syncs.forget("a")
        try succeed(syncs)
        fail("fsync")
        let other = SharedSyncs()
        syncs.hand("a", to: other)
        try succeed(syncs)
        for _ in 1...2 { #expect(throws: SystemFault.self) { try succeed(other) } }
        try succeed(other)
    }
}
