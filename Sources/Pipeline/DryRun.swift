public import Exchange
public import Foundation
public import Registry
internal import Validation

/// The receiver's checks on files not sent yet, without effect: the same stages, codes and record as a decision.
///
/// With a registry, which says which certificates count, rights and signatures are asked for as of a set that came.
/// Without one neither is: FS files beside the FI files are only counted, where there are any.
public struct DryRun: Sendable {
    private let ground: DecisionGround
    private let registry: Registry?
    private let time: Date

    public init(ground: DecisionGround, registry: Registry?, time: Date) {
        self.ground = ground
        self.registry = registry
        self.time = time
    }

    /// A file on disk that cannot be checked at all.
    public struct Fault: Error, CustomStringConvertible {
        public let description: String
    }

    /// - Parameters:
    ///   - paths: the FI files of one set; FS files beside them are found by name.
    ///   - sender: the sender to check for; otherwise the one the names say.
    public func check(_ paths: [String], of sender: SenderNumber?, on channel: ChannelKind) throws
        -> DecisionRecord
    {
        let files = paths.flatMap { path in
            let signature = DryRun.signature(beside: path)
            return FileManager.default.fileExists(atPath: signature) && signature != path
                ? [path, signature] : [path]
        }
        let parts = try files.map(DryRun.part)
        guard let first = parts.first else { throw Fault(description: "no file to check") }
        let name = try? PartName(first.name)
        let mailbox: Mailbox =
            switch name?.set.environment {
            case .test: .incomingTest
            case .simulation: .incomingSimulation
            case .real, nil: .incoming
            }
        guard let owner = sender ?? name?.set.sender ?? SenderNumber("000001") else {
            preconditionFailure("a fixed number")
        }
        let set = SealedSet(
            ticket: Ticket(.set, counter: 0), sender: owner, channel: channel, mailbox: mailbox,
            receivedAt: time,
            name: name?.set.triggerName ?? first.name, hasTrigger: true, parts: parts)
        let inputs = FileInputs(
            paths: Dictionary(zip(parts, files), uniquingKeysWith: { first, _ in first }), registry: registry)
        let decision = Decision(
            ground: ground, trust: try trust(), examiner: LocalExaminer(), inputs: inputs, time: time,
            isRehearsal: registry == nil)
        return try decision.decide(set)
    }

    private func trust() throws -> TrustStore {
        guard let registry else { return try TrustStore(authorities: [], revocationLists: []) }
        return try TrustStore(of: registry, statuses: registry)
    }

    /// `…/FI.x` → `…/FS.x`; a path that is no FI comes back as it is.
    private static func signature(beside path: String) -> String {
        let url = URL(fileURLWithPath: path)
        guard url.lastPathComponent.hasPrefix("FI.") else { return path }
        return url.deletingLastPathComponent().appendingPathComponent(
            "FS." + url.lastPathComponent.dropFirst(3)
        ).path
    }

    private static func part(at path: String) throws -> SealedSet.Part {
        guard let name = FileName(URL(fileURLWithPath: path).lastPathComponent),
            let part = try? SealedSet.Part(name, readFrom: path)
        else { throw Fault(description: "\(path) cannot be read") }
        return part
    }
}

/// Files on disk, and the registry when there is one, as a dry run reads them.
private struct FileInputs: DecisionInputs {
    let paths: [SealedSet.Part: String]
    let registry: Registry?

    func accepted(
        named: FileName, by: SenderNumber
    ) throws(StageFailure) -> (ticket: Ticket, parts: [SealedSet.Part])? { nil }

    func standing(of sender: SenderNumber, at time: Date) throws(StageFailure) -> Standing {
        guard let registry else { return .notAsked }
        do {
            return .asked(try registry.standing(of: sender, at: time))
        } catch {
            throw .deferred(Deferral(.registryUnavailable, error.sentence))
        }
    }

    func path(of part: SealedSet.Part, in ticket: Ticket) -> String {
        paths[part] ?? ""
    }
}
