import Exchange
import Foundation
import Spool
import Synchronization
import TestExaminers
import Testing
import Validation
import Workers

@testable import Pipeline

/// A worker that dies with a set in hand: the set waits, and goes to an operator when it happens again.
@Suite struct WorkerDeathTests {
    /// Sends one set to a world where the first judgements come to nothing, and waits for what becomes of it.
    private func outcome(
        of judgements: [Killing.Judgement], until condition: (SetRow) -> Bool,
        then: (World, SetRow) async throws -> Void
    ) async throws {
        let pool = try WorkerPool.built { $0.count = 1 }
        let examiner = Killing(pool, judgements)
        let world = try World(.usual, examiner: examiner)
        defer {
            examiner.goOn()
            world.takeDown()
            pool.stop()
        }
        let cast = try Cast(in: world)
        let client = HomeClient(home: try world.spool.home(of: cast.sender, over: .sftp), mailbox: .incoming)
        let stem = "DMFA.\(cast.sender).\(Date().calendarDate.compact).00001.R.1"
        let document = try Repository.document("dmfa.xml")
        try await client.put(Fixtures.name("FI.\(stem).1"), document)
        try await client.put(Fixtures.name("FS.\(stem).1"), cast[.acme].signer.sign(document))
        try await client.put(Fixtures.name("GO.\(stem)"), [])
        let met = try await row(of: cast.sender, in: world, when: condition)
        examiner.goOn()
        try await then(world, met)
    }

    private func row(
        of sender: SenderNumber, in world: World, when condition: (SetRow) -> Bool
    ) async throws -> SetRow {
        let found = try await eventually {
            try world.spool.ledger.sets(limit: 2, includingSettled: true, of: sender).first(where: condition)
        }
        return try #require(found)
    }

    @Test func `one death puts the set off, and then it is decided`() async throws {
        try await outcome(of: [.death]) {
            $0.deferral?.reason == .workerFailed
        } then: { world, waiting in
            #expect(waiting.state == .received && waiting.answer == nil)
            let sender = waiting.sealed.sender
            let settled = try await row(of: sender, in: world) { $0.state == .routed }
            #expect(settled.codes.isEmpty)
        }
    }

    @Test(arguments: [0, 1, 2])
    func `a second death holds the set for an operator, whatever came in between`(
        deferrals: Int
    ) async throws {
        let between = Array(repeating: Killing.Judgement.deferral, count: deferrals)
        try await outcome(of: [.death] + between + [.death]) {
            $0.state == .held
        } then: { world, held in
            #expect(held.deferral?.reason == .workerFailed && held.answer == nil)
            let counts = try world.spool.ledger.counts()
            #expect(counts.held == 1 && counts.isConserved)
            try world.spool.release(held.sealed.ticket)
            let sender = held.sealed.sender
            _ = try await row(of: sender, in: world) { $0.state == .routed }
        }
    }
}

/// A worker is killed while it judges the first signatures, or cannot be had; the next is judged when that was looked at.
private final class Killing: Examiner {
    private let pool: WorkerPool
    private let judgements: Mutex<[Judgement]>
    private let isLookedAt = Atomic<Bool>(false)

    enum Judgement { case death, deferral }

    init(_ pool: WorkerPool, _ judgements: [Judgement]) {
        self.pool = pool
        self.judgements = Mutex(judgements)
    }

    func verify(
        _ payload: SentFile, with signature: SentFile, registered: [CertificateFacts], at time: Date,
        on ground: ExaminationGround
    ) throws(StageFailure) -> VerifiedSignature {
        switch judgements.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
        case .death?:
            // One that dies before it was told what it judges by, or was asked, is nothing of the set's: the next one, then.
            while true {
                _ = try pool.verify(payload, with: signature, registered: registered, at: time, on: ground)
                killNext()
            }
        case .deferral?:
            throw .deferred(Deferral(.workerUnavailable, "No worker can be started."))
        case nil:
            while !isLookedAt.load(ordering: .acquiring) { usleep(1000) }
        }
        return try pool.verify(payload, with: signature, registered: registered, at: time, on: ground)
    }

    func goOn() { isLookedAt.store(true, ordering: .releasing) }

    func check(_ document: SentFile, as rule: PurposeRule, on ground: ExaminationGround)
        throws(StageFailure) -> CheckedDocument
    {
        try pool.check(document, as: rule, on: ground)
    }

    /// Stops the worker that is idle, so that it is in the middle of what it is lent for when it is killed.
    private func killNext() {
        let pool = pool
        while pool.state.idle.isEmpty { usleep(1000) }
        let pid = pool.state.idle[0]
        kill(pid, SIGSTOP)
        Thread.detachNewThread {
            while pool.state.lent == 0 { usleep(1000) }
            kill(pid, SIGKILL)
        }
    }
}
