import Channels
import Exchange
import Foundation
import Logging
import Pipeline
import Registry
import Spool
import Validation

/// One seed's directory, and where everything lies in it.
struct Ground {
    let path: String

    /// What faults happen in: the spool and the destination.
    var faulty: String { path + "/faulty" }
    var spool: String { faulty + "/spool" }
    var delivered: String { faulty + "/delivered" }
    /// What the back-end took away.
    var taken: String { path + "/taken" }
    var journal: String { path + "/journal" }
    var faults: String { path + "/faults" }

    /// - Parameter isNew: the spool is not there yet.
    func prepare(from template: Template, isNew: Bool) throws {
        let files = FileManager.default
        try files.createDirectory(atPath: faulty, withIntermediateDirectories: true)
        try files.createDirectory(atPath: taken, withIntermediateDirectories: true)
        if !isNew { try files.copyItem(atPath: template.spool, toPath: spool) }
    }

    func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }
}

/// The spool and its pipeline at work, as the daemon wires them, without servers.
final class Instance {
    static let threads = 3

    let spool: Spool
    private let root: String
    private let ended = DispatchSemaphore(value: 0)

    /// - Parameter patience: how long a GO waits for its files, in seconds.
    init(_ ground: Ground, _ template: Template, patience: Double) throws {
        var limits = SpoolLimits()
        limits.freeFloor = 0
        limits.earlyTriggerWait = patience
        limits.sweepInterval = 0.05
        limits.syncThreads = 2
        limits.decisionsPerSender = 1
        root = ground.spool
        spool = try Spool.open(at: ground.spool, limits: limits, logger: .silent)
        let decision = DecisionGround(
            policy: DecisionPolicy(), catalogue: try template.catalogue(),
            schemas: try SchemaCatalogue.load(from: template.path + "/schemas"),
            documentLimits: DocumentLimits(), signaturePolicy: SignaturePolicy())
        let pipeline = Pipeline(
            spool: spool, registry: try Registry.open(at: template.registry), ground: decision,
            destinations: Destinations(["*": DirectoryDestination(path: ground.delivered)]),
            signer: try template.signer("receipts"), examiner: LocalExaminer(),
            pauses: RetryPauses(longest: 1), logger: .silent)
        for loop in [pipeline.decideUntilClosed, pipeline.decideUntilClosed, pipeline.deliverUntilClosed] {
            let ended = ended
            Thread.detachNewThread {
                loop()
                ended.signal()
            }
        }
    }

    func close() {
        spool.stopHandingOut()
        for _ in 0..<Instance.threads { ended.wait() }
        spool.close()
    }

    /// Waits until every set is settled, every answer published, every settled set removed and no GO left; false when
    /// that did not come about.
    func settles(within seconds: Double) throws -> Bool {
        let end = Date() + seconds
        while Date() < end {
            if try isSettled() { return true }
            usleep(2000)
        }
        return try isSettled()
    }

    /// Asked in the order in which a set goes: from its home to the held directory to the ledger.
    private func isSettled() throws -> Bool {
        for sender in Template.senders {
            let home = try spool.home(of: sender, over: .sftp)
            if try home.entries(in: .incoming).contains(where: { $0.name.escaped.hasPrefix("GO.") }) {
                return false
            }
        }
        let rows = try spool.ledger.sets(limit: .max, includingSettled: true)
        let held = Set(rows.filter { $0.state == .held }.map(\.sealed.ticket.description))
        guard try held.isSuperset(of: FileManager.default.contentsOfDirectory(atPath: root + "/held")) else {
            return false
        }
        return try spool.ledger.sets(limit: .max, includingSettled: true).allSatisfy {
            $0.answer?.state != .issued && ($0.retiredAt != nil || $0.state == .held)
        }
    }
}
