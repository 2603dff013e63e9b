public import Exchange
public import Foundation
internal import Logging
public import Synchronization
internal import TestServers
public import Workers

@testable public import Validation

/// Judges everything twice, here and in a worker, and wants the same verdict; of signatures that of `CMS_verify` as well.
public struct TwinExaminer: Examiner {
    /// Told of verdicts that differ.
    private let report: @Sendable (String) -> Void
    private let pool: WorkerPool
    private let asksOpenSSL: Bool

    /// How often in this process.
    public static let askedOpenSSL = Atomic<Int>(0)

    /// Of all tests of the process. Its workers end with the process.
    private static let shared = Result { try WorkerPool.built() }

    /// - Parameter asksOpenSSL: a signature is judged by the slow path as well, unless a responder has its status.
    public init(asksOpenSSL: Bool, report: @escaping @Sendable (String) -> Void) throws {
        self.report = report
        self.asksOpenSSL = asksOpenSSL
        pool = try TwinExaminer.shared.get()
    }

    public func verify(
        _ payload: SentFile, with signature: SentFile, registered: [CertificateFacts], at time: Date,
        on ground: ExaminationGround
    ) throws(StageFailure) -> VerifiedSignature {
        let verdict = Result { () throws(StageFailure) in
            try same(signature.name) { examiner throws(StageFailure) in
                try examiner.verify(payload, with: signature, registered: registered, at: time, on: ground)
            }
        }
        compare(verdict, payload, signature, registered, time, ground)
        return try verdict.get()
    }

    private func compare(
        _ verdict: Result<VerifiedSignature, StageFailure>, _ payload: SentFile, _ signature: SentFile,
        _ registered: [CertificateFacts], _ time: Date, _ ground: ExaminationGround
    ) {
        guard asksOpenSSL, let reference = ReferenceVerifier(ground.trust, ground.signaturePolicy),
            let bytes = try? signature.file.bytes(limit: 2 * ground.signaturePolicy.signatureFileLimit),
            let content = try? payload.file.bytes(limit: 1 << 30)
        else { return }
        TwinExaminer.askedOpenSSL.add(1, ordering: .relaxed)
        let said = reference.verdict(on: bytes, of: content, registered: registered.map(\.der), at: time)
        if Agreement(verdict, said) == nil { report("\(signature.name): \(verdict), but OpenSSL \(said)") }
    }

    public func check(_ document: SentFile, as rule: PurposeRule, on ground: ExaminationGround)
        throws(StageFailure) -> CheckedDocument
    {
        try same(document.name) { examiner throws(StageFailure) in
            try examiner.check(document, as: rule, on: ground)
        }
    }

    private func same<Evidence: Equatable>(
        _ name: FileName, _ judge: (any Examiner) throws(StageFailure) -> Evidence
    ) throws(StageFailure) -> Evidence {
        let here = Result { () throws(StageFailure) in try judge(LocalExaminer()) }
        let there = Result { () throws(StageFailure) in try judge(pool) }
        // What is not known yet may be known a moment later.
        for result in [here, there] {
            if case .failure(.deferred(let deferral)) = result, deferral.reason == .revocationUnknown {
                return try result.get()
            }
        }
        if !TwinExaminer.isSame(here, there) { report("\(name): here \(here), in a worker \(there)") }
        return try here.get()
    }

    private static func isSame<Evidence: Equatable>(
        _ here: Result<Evidence, StageFailure>, _ there: Result<Evidence, StageFailure>
    ) -> Bool {
        switch (here, there) {
        case (.success(let one), .success(let other)): one == other
        case (.failure(.refused(let some)), .failure(.refused(let others))): some == others
        case (.failure(.deferred(let one)), .failure(.deferred(let other))): one == other
        default: false
        }
    }
}

extension WorkerPool {
    /// Workers of the built program, the usual ones otherwise.
    public static func built(
        _ change: (inout WorkerSettings) -> Void = { _ in },
        until mustStop: @escaping @Sendable () -> Bool = { false }
    ) throws -> WorkerPool {
        var settings = WorkerSettings()
        if geteuid() == 0 { settings.identity = WorkerSettings.Identity(user: 65_534, group: 65_534) }
        change(&settings)
        return try WorkerPool(
            program: BuiltProgram.path("ecluse"), settings: settings,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, until: mustStop)
    }
}
