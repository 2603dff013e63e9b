import Exchange
import Foundation
import Logging
import Synchronization
import TestExaminers
import Testing
import Validation

@testable import Workers

/// Workers that end, hang, or are not to be had.
@Suite struct WorkerPoolTests {
    /// Has a worker stopped by `SIGSTOP` judge, and does `harm` to it while it does. It was told before what it judges by.
    private func judge(
        _ bench: Bench, in pool: WorkerPool, harm: (pid_t) throws -> Void
    ) async throws -> Deferral.Reason? {
        // One that comes to harm before it was asked costs the set nothing: another is asked.
        for _ in 0..<20 {
            if let reason = try await judgeOnce(bench, in: pool, harm: harm) { return reason }
        }
        return nil
    }

    private func judgeOnce(
        _ bench: Bench, in pool: WorkerPool, harm: (pid_t) throws -> Void
    ) async throws -> Deferral.Reason? {
        _ = try bench.verify(pool)
        let pid = try #require(pool.state.idle.first)
        kill(pid, SIGSTOP)
        let isOver = Mutex(false)
        let judgement = Task.detached {
            await onThread {
                defer { isOver.withLock { $0 = true } }
                return reason { () throws(StageFailure) in _ = try bench.verify(pool) }
            }
        }
        // A busy machine may look only when its time has passed.
        #expect(try await eventually { pool.state.lent == 1 || isOver.withLock { $0 } })
        try harm(pid)
        return await judgement.value
    }

    private func onThread<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: work()) }
        }
    }

    @Test func `a worker killed in the middle puts the judgement off, and another takes its place`()
        async throws
    {
        let pool = try WorkerPool.built { $0.count = 1 }
        defer { pool.stop() }
        let bench = try Bench()
        let before = pool.state.idle
        #expect(try await judge(bench, in: pool) { kill($0, SIGKILL) } == .workerFailed)
        #expect(try bench.verify(pool) == bench.verify(LocalExaminer()))
        #expect(pool.state.idle != before)
    }

    @Test func `a worker killed while nobody needs it costs nobody anything`() async throws {
        let pool = try WorkerPool.built { $0.count = 1 }
        defer { pool.stop() }
        let bench = try Bench()
        for _ in 0..<3 {
            let pid = try #require(pool.state.idle.first)
            kill(pid, SIGKILL)
            #expect(try await eventually { try isOver(pid) })
            #expect(try bench.verify(pool) == bench.verify(LocalExaminer()))
        }
    }

    @Test func `a worker that gives no answer in its time is ended`() async throws {
        let pool = try WorkerPool.built {
            $0.count = 1
            $0.time = 0.5
        }
        defer { pool.stop() }
        var stopped: pid_t?
        let outcome = try await judge(try Bench(), in: pool) { stopped = $0 }
        #expect(outcome == .workerFailed)
        #expect(try isOver(#require(stopped)))
    }

    @Test func `a worker that computes without end is ended after its processor time`() throws {
        let pool = try WorkerPool.built {
            $0.count = 1
            $0.time = 2
        }
        defer { pool.stop() }
        // Nothing of it is on disk, and reading all of it takes minutes.
        let bench = try Bench(payloadSize: 1 << 40)
        let deferral = deferral { () throws(StageFailure) in _ = try bench.verify(pool) }
        #expect(deferral?.reason == .workerFailed)
        #expect(
            deferral?.sentence.contains("of processor time") == true, "\(deferral?.sentence ?? "a verdict")")
    }

    @Test func `whoever stops does not wait for the file in hand, and the set is not blamed for it`()
        async throws
    {
        let isOver = Mutex(false)
        let pool = try WorkerPool.built({ $0.count = 1 }, until: { isOver.withLock { $0 } })
        // Reading all of it takes minutes.
        let bench = try Bench(payloadSize: 1 << 40)
        let judgement = Task.detached {
            await onThread { deferral { () throws(StageFailure) in _ = try bench.verify(pool) } }
        }
        #expect(try await eventually { pool.state.lent == 1 })
        isOver.withLock { $0 = true }
        #expect(await judgement.value?.reason == .workerUnavailable)
        pool.stop()
        #expect(pool.state == ([], 0))
    }

    @Test func `whoever stops while a worker is told what it judges by blames nobody for it`() async throws {
        let isOver = Mutex(false)
        let pool = try WorkerPool.built({ $0.count = 1 }, until: { isOver.withLock { $0 } })
        _ = try Bench().verify(pool)
        let pid = try #require(pool.state.idle.first)
        kill(pid, SIGSTOP)
        let other = try Bench()
        let judgement = Task.detached {
            await onThread { deferral { () throws(StageFailure) in _ = try other.verify(pool) } }
        }
        #expect(try await eventually { pool.state.lent == 1 })
        isOver.withLock { $0 = true }
        #expect(await judgement.value?.sentence == "The workers are being stopped.")
        pool.stop()
    }

    @Test func `a worker that gets no memory is ended, and gave no verdict`() throws {
        let pool = try WorkerPool.built {
            $0.count = 1
            $0.memory = 1_048_576
        }
        defer { pool.stop() }
        let bench = try Bench(signatureSize: 1_000_000)
        #expect(throws: StageFailure.self) { try bench.verify(LocalExaminer()) }
        #expect(reason { () throws(StageFailure) in _ = try bench.verify(LocalExaminer()) } == nil)
        #expect(reason { () throws(StageFailure) in _ = try bench.verify(pool) } == .workerFailed)
    }

    @Test func `a worker is replaced when it has judged its share`() async throws {
        let pool = try WorkerPool.built {
            $0.count = 1
            $0.files = 3
        }
        defer { pool.stop() }
        let bench = try Bench()
        var pids: Set<pid_t> = []
        for _ in 0..<10 {
            _ = try bench.check(pool)
            pids.formUnion(pool.state.idle)
        }
        #expect(pids.count >= 3)
    }

    @Test(arguments: [true, false])
    func `a worker that cannot be asked any more costs no set anything: another is asked`(wasTold: Bool)
        throws
    {
        let pool = try WorkerPool.built { $0.count = 1 }
        defer { pool.stop() }
        let bench = try Bench()
        if wasTold { _ = try bench.check(pool) }
        let name = try #require(FileName("FI.DIMN.006400.20230420.00001.R.1.1"))
        let rule = PurposeRule(purpose: try #require(Purpose("DIMN")), roots: [], forms: [], formLimit: nil)
        let document = try SentFile(name, at: "/proc/self/environ")
        var dead: pid_t?
        let word = try pool.judged { worker in
            if dead == nil {
                dead = worker.process.pid
                kill(worker.process.pid, SIGKILL)
                while worker.process.isRunning { usleep(1000) }
            }
            return try worker.check(
                CheckOrder(document: name, rule: rule, limits: DocumentLimits()), document,
                by: bench.ground.schemas)
        }
        // It is no document, but somebody judged it.
        guard case .refused = word else {
            Issue.record("no refusal")
            return
        }
        #expect(dead != nil && pool.state.idle != [dead])
    }

    @Test func `new schemas and authorities count for the next file`() throws {
        let pool = try WorkerPool.built { $0.count = 1 }
        defer { pool.stop() }
        let (bench, other) = (try Bench(), try Bench())
        for _ in 0..<2 {
            for one in [bench, other] { #expect(try one.verify(pool) == one.verify(LocalExaminer())) }
        }
    }

    @Test func `neither workers nor open files are left over`() throws {
        var pids: [pid_t] = []
        var sockets: Set<String> = []
        let bench = try Bench()
        for _ in 0..<30 {
            let pool = try WorkerPool.built { $0.count = 1 }
            _ = try bench.verify(pool)
            pids += pool.state.idle
            sockets.insert(try pool.judged { try openFile($0.process.socket.descriptor) })
            pool.stop()
        }
        #expect(pids.count == 30 && sockets.count == 30)
        #expect(try pids.allSatisfy(isOver))
        let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
        // Other tests close some at the same time.
        #expect(sockets.isDisjoint(with: open.compactMap { try? openFile(Int32($0) ?? -1) }))
    }

    /// What a descriptor of this process stands for; of a socket, its number in the kernel.
    private func openFile(_ descriptor: Int32) throws -> String {
        try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(descriptor)")
    }

    @Test(arguments: ["/bin/false", "/bin/cat", "/nowhere"])
    func `without a worker there is no pool`(program: String) {
        #expect {
            try WorkerPool(program: program, settings: WorkerSettings(), logger: .silent)
        } throws: { ($0 as? Deferral)?.reason == .workerUnavailable }
    }

    @Test func `a worker may open few files, write none, start nothing and leave no image of its memory`()
        throws
    {
        let pool = try WorkerPool.built { $0.count = 1 }
        defer { pool.stop() }
        let limits = try String(
            contentsOfFile: "/proc/\(try #require(pool.state.idle.first))/limits", encoding: .utf8)
        for (limit, most) in [
            ("Max open files", "16"), ("Max file size", "0"), ("Max processes", "0"),
            ("Max core file size", "0"),
        ] {
            let line = try #require(limits.split(separator: "\n").first { $0.hasPrefix(limit) })
            let values = line.dropFirst(limit.count).split(separator: " ").prefix(2)
            #expect(values == [Substring(most), Substring(most)], "\(line)")
        }
    }

    @Test(.enabled(if: geteuid() == 0, "only root can become another user, or look into another's process"))
    func `a worker is nobody, with no open file but its socket, no environment and no new privileges`()
        async throws
    {
        // As a library may leave one: for whoever is started next.
        let inherited = dup(STDERR_FILENO)
        defer { close(inherited) }
        let pool = try WorkerPool.built { $0.count = 1 }
        defer { pool.stop() }
        _ = try Bench().verify(pool)
        let process = "/proc/\(try #require(pool.state.idle.first))"
        let status = try String(contentsOfFile: process + "/status", encoding: .utf8)
        #expect(status.contains("Uid:\t65534\t65534\t65534\t65534"))
        #expect(status.contains("Gid:\t65534\t65534\t65534\t65534"))
        #expect(status.contains("Groups:\t \n"))
        #expect(status.contains("NoNewPrivs:\t1"))
        #expect(status.contains("Seccomp:\t2"))
        // The files it judged are closed a moment after its verdict.
        #expect(
            try await eventually {
                try FileManager.default.contentsOfDirectory(atPath: process + "/fd").sorted() == [
                    "0", "1", "2",
                ]
            })
        let environment = try Data(contentsOf: URL(fileURLWithPath: process + "/environ"))
        #expect(!String(decoding: environment, as: UTF8.self).contains("PATH=/"))
    }

    /// Ended, whether or not anybody asked how.
    private func isOver(_ pid: pid_t) throws -> Bool {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else {
            return true
        }
        return text.contains(") Z ")
    }
}
