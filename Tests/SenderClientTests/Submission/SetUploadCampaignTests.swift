import Channels
import Exchange
import Foundation
import Synchronization
import TestServers
import Testing

@testable import SenderClient

@Suite struct SetUploadCampaignTests {
    /// Cuts calls at random, at most so many in a run.
    private final class Cutter: Sendable {
        private let state: Mutex<(generator: SeededGenerator, left: Int)>

        init(seed: UInt64, cuts: Int) {
            state = Mutex((SeededGenerator(seed: seed), cuts))
        }

        func ending(_ call: MemoryServer.Call) -> MemoryServer.Ending {
            state.withLock { state in
                guard state.left > 0, Int.random(in: 0..<4, using: &state.generator) == 0 else {
                    return .good
                }
                state.left -= 1
                guard call != .connect else { return .cutBefore }
                if case .write = call, Bool.random(using: &state.generator) {
                    return .cutAmid(Int.random(in: 0...400, using: &state.generator))
                }
                return Bool.random(using: &state.generator) ? .cutBefore : .cutAfter
            }
        }
    }

    private static let signet = Result { try Signet() }

    /// Sends three sets over a server that cuts, and returns what the receiver took.
    private func send(
        seed: UInt64, isPolling: Bool, parallel: Int, resumable: UInt64, filesAtOnce: Int
    ) throws -> (
        sets: [OutgoingSet], outcomes: [SetOutcome], taken: [TestReceiver.Taken], log: [MemoryServer.Call]
    ) {
        let receiver = TestReceiver(try SetUploadCampaignTests.signet.get())
        let cutter = Cutter(seed: seed, cuts: 12)
        let isConnected = Mutex(false)
        let server = MemoryServer(
            filesAtOnce: filesAtOnce,
            ending: { call in
                // A first connection that fails is not tried again.
                let isFirst = isConnected.withLock { known in
                    defer { known = true }
                    return !known
                }
                return isFirst ? .good : cutter.ending(call)
            },
            written: { directory, name, contents in
                if !isPolling { receiver.take(directory, name, &contents) }
            })
        // Left by an earlier run, and of other content.
        for part in 1...2 {
            server.put(TestSets.content(99, size: 150), TestSets.name("00002", 2, part), in: "IN")
        }
        let time = TestTime {
            if isPolling { receiver.poll(server) }
            // Where others are at work, the clock must not run away from them.
            if parallel > 1 { usleep(100) }
        }
        var settings = SubmissionSettings()
        settings.parallel = parallel
        settings.patience = .infinity
        settings.wait = parallel > 1 ? .infinity : 600
        settings.upload.resumable = resumable
        let sets = [
            try TestSets.set("00001", sizes: [700], seed: seed),
            try TestSets.set("00002", sizes: [300, 500], seed: seed),
            try TestSets.set("00003", sizes: [0, 64, 129], seed: seed),
        ]
        let submission = FileSubmission(
            to: server, as: MemoryServer.logIn, home: nil, settings: settings, screen: .silent,
            timing: time.timing)
        let outcomes = submission.run(sets) { _ in }
        return (sets, outcomes, receiver.taken.withLock { $0 }, server.contents.withLock { $0.log })
    }

    private func check(
        seed: UInt64, isPolling: Bool, parallel: Int, resumable: UInt64, filesAtOnce: Int = 1
    ) throws {
        let (sets, outcomes, taken, log) = try send(
            seed: seed, isPolling: isPolling, parallel: parallel, resumable: resumable,
            filesAtOnce: filesAtOnce)
        let plan =
            "seed \(seed), polling \(isPolling), parallel \(parallel), resumable from \(resumable), together \(filesAtOnce)"
        for set in sets {
            let mine = taken.filter { $0.trigger == set.trigger.escaped }
            let whole = Dictionary(uniqueKeysWithValues: set.files.map { ($0.name.escaped, bytes(of: $0)) })
            #expect(mine.map(\.files) == [whole], "\(plan): \(set.trigger)")
            let trigger = log.firstIndex(of: .write("IN/\(set.trigger)")) ?? 0
            let others = log.indices.filter { index in
                set.files.contains { log[index] == .write("IN/\($0.name)") }
            }
            #expect(others.allSatisfy { $0 < trigger }, "\(plan): \(set.trigger) before its files")
        }
        #expect(outcomes.map(\.verdict.status) == [0, 0, 0], "\(plan): \(outcomes.map(\.verdict))")
    }

    private func bytes(of file: OutgoingFile) -> [UInt8] {
        if case .bytes(let bytes) = file.content { bytes } else { [] }
    }

    @Test(arguments: [false, true], [UInt64(0), .max])
    func `whatever is cut, each set arrives once, whole, and its GO last`(isPolling: Bool, resumable: UInt64)
        throws
    {
        for seed in 1...30 {
            try check(seed: UInt64(seed), isPolling: isPolling, parallel: 1, resumable: resumable)
        }
    }

    @Test(.timeLimit(.minutes(10))) func `the same holds over several connections`() throws {
        for seed in 1...16 {
            try check(seed: UInt64(seed), isPolling: seed.isMultiple(of: 2), parallel: 3, resumable: 0)
        }
    }

    @Test(arguments: [false, true], [UInt64(0), 200, .max])
    func `the same holds for sets that travel together`(isPolling: Bool, resumable: UInt64) throws {
        for seed in 1...30 {
            try check(
                seed: UInt64(seed), isPolling: isPolling, parallel: 1, resumable: resumable, filesAtOnce: 64)
        }
    }
}
