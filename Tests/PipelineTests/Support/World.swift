import Exchange
import Foundation
import Logging
import Registry
import Spool
import Synchronization
import TestExaminers
import Testing
import Validation

@testable import Channels
@testable import Pipeline

/// A whole instance without its servers: spool, registry, pipeline on threads of its own, destinations.
///
/// Worlds are shared by the cases of the corpus, because each case registers senders of its own, and are taken down
/// when the process ends.
final class World: Sendable {
    /// What differs between instances.
    enum Kind: String, Sendable, Codable, CaseIterable {
        /// The defaults, except that a GO waits only a moment for its files.
        case usual
        /// A GO waits for its files as long as it takes.
        case patient
        /// Sets without a GO are answered almost at once.
        case hasty
        /// Everything that an operator may narrow is narrowed, and test sets are delivered nowhere.
        case strict
    }

    let kind: Kind
    let directory: String
    let authorities: Authorities
    let registry: Registry
    let spool: Spool
    let pipeline: Pipeline
    let catalogue: ApplicationCatalogue
    let receiptCertificate: CertificateFacts
    private let senders = Atomic<Int>(100_000)
    private let ended = DispatchSemaphore(value: 0)
    private static let threads = 4
    private let refresher: StatusRefresher

    var realDestination: String { directory + "/delivered" }
    var testDestination: String? { kind == .strict ? nil : directory + "/delivered-test" }

    /// - Parameters:
    ///   - destination: for all sets, in place of directories.
    ///   - examiner: judges signatures and documents; here and in a worker at once unless a test has its own.
    ///   - fetcher: brings revocation statuses, where a test sets a source for them.
    init(
        _ kind: Kind, destination: (any Destination)? = nil, examiner: (any Examiner)? = nil,
        fetcher: any StatusFetcher = HTTPStatusFetcher()
    ) throws {
        self.kind = kind
        directory = NSTemporaryDirectory() + "world-\(kind.rawValue)-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        authorities = try Authorities()
        registry = try Registry.create(at: directory + "/registry.sqlite")
        try registry.addAuthority(authorities.accepted.certificate)
        try registry.addRevocationList(authorities.revocationList)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        spool = try Spool.open(at: directory + "/spool", limits: World.limits(kind), logger: logger)
        let receipts = try TestSigner.receipts()
        receiptCertificate = receipts.certificate
        catalogue = try Repository.catalogue()
        let test = kind == .strict ? nil : DirectoryDestination(path: directory + "/delivered-test")
        var destinations: [String: any Destination] = [
            "*": DirectoryDestination(path: directory + "/delivered")
        ]
        destinations["*:test"] = test
        if let destination { destinations = ["*": destination] }
        // As for the sets: a source that is mended is asked again soon, however long mending took.
        var policy = RefreshPolicy()
        policy.pauses = RetryPauses(longest: 1)
        refresher = StatusRefresher(registry: registry, fetcher: fetcher, policy: policy, logger: logger)
        pipeline = Pipeline(
            spool: spool, registry: registry, ground: try World.ground(kind, catalogue),
            destinations: Destinations(destinations), signer: receipts.signer,
            examiner: try examiner ?? TwinExaminer(asksOpenSSL: true) { Issue.record(Comment(rawValue: $0)) },
            refresher: refresher,
            // A test that is slow to mend a cause must not wait long for the next attempt.
            pauses: RetryPauses(longest: 1), logger: logger)
        let (pipeline, ended, refresher) = (pipeline, ended, refresher)
        for loop in [
            pipeline.decideUntilClosed, pipeline.decideUntilClosed, pipeline.deliverUntilClosed,
            refresher.run,
        ] {
            Thread.detachNewThread {
                loop()
                ended.signal()
            }
        }
    }

    /// Ends the threads, closes the spool and removes everything.
    func takeDown() {
        spool.stopHandingOut()
        refresher.stop()
        for _ in 0..<World.threads { ended.wait() }
        spool.close()
        try? FileManager.default.removeItem(atPath: directory)
    }

    private static func limits(_ kind: Kind) -> SpoolLimits {
        var limits = SpoolLimits()
        limits.freeFloor = 1 << 20
        limits.earlyTriggerWait = kind == .patient ? 3600 : 0.5
        limits.incompleteDelay = kind == .hasty ? 1.5 : 3600
        limits.sweepInterval = 0.1
        return limits
    }

    private static func ground(_ kind: Kind, _ catalogue: ApplicationCatalogue) throws -> DecisionGround {
        var policy = DecisionPolicy()
        if kind == .strict {
            policy.parts = 2
            policy.dateAge = 5
            policy.simulationRefusesSignature = true
            policy.fileSizeByPurpose["DIMN"] = 500
        }
        return DecisionGround(
            policy: policy, catalogue: catalogue, schemas: try Repository.corpusSchemas.get(),
            documentLimits: DocumentLimits(), signaturePolicy: SignaturePolicy())
    }

    /// A number no other case has.
    func newNumber() throws -> SenderNumber {
        let index = senders.add(1, ordering: .relaxed).newValue
        return try #require(SenderNumber(String(index)))
    }
}

extension World {
    private static let shared = Mutex<[Kind: World]>([:])

    /// The shared world of a kind, made when first asked for.
    static func shared(_ kind: Kind) throws -> World {
        try shared.withLock { worlds in
            if let world = worlds[kind] { return world }
            if worlds.isEmpty { atexit { World.takeDownAll() } }
            let world = try World(kind)
            worlds[kind] = world
            return world
        }
    }

    private static func takeDownAll() {
        shared.withLock { worlds in
            for world in worlds.values { world.takeDown() }
            worlds = [:]
        }
    }
}

extension TestSigner {
    /// The key and certificate that sign receipts.
    static func receipts() throws -> TestSigner {
        let key = try CertificateMint.key(.p256)
        let request = CertificateMint.Request(
            commonName: "Receipts", notBefore: Date() - 3600, notAfter: Date() + 86_400)
        return try TestSigner(certificate: CertificateMint.certificate(request, key: key), key: key)
    }
}
