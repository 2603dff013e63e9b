internal import Channels
internal import Exchange

/// What lay at a server before anything was sent.
struct ServerGround: Sendable {
    /// The names in each incoming directory; nil where the server does not let us see.
    private var incoming: [Mailbox: Set<[UInt8]>] = [:]
    /// The answers in each outgoing directory, by stem.
    private(set) var answers: [Mailbox: [String: ListedAnswer]] = [:]

    /// - Parameter isAnswerWanted: whether the outgoing directories matter.
    init(
        of sets: [OutgoingSet], at paths: MailboxPaths, over files: any RemoteFiles, isAnswerWanted: Bool
    ) throws(RemoteFault) {
        for mailbox in Set(sets.map(\.mailbox)).sorted(by: { $0.rawValue < $1.rawValue }) {
            do {
                incoming[mailbox] = Set(try files.list(paths.path(mailbox)).map(\.name))
            } catch {
                guard !error.breaksConnection, error.kind == .notAllowed else { throw error.naming(mailbox) }
            }
            guard isAnswerWanted else { continue }
            let listed = ListedAnswer.complete(in: try files.answers(in: mailbox.answers, paths))
            answers[mailbox.answers] = Dictionary(listed.map { ($0.stem, $0) }, uniquingKeysWith: { $1 })
        }
    }

    /// Whether a file lay there; true where nobody knows.
    func holds(_ name: FileName, in mailbox: Mailbox) -> Bool {
        incoming[mailbox]?.contains(name.bytes) ?? true
    }

    /// The set was sent before and waits to be taken: bringing its files again would change them under the server's
    /// hands.
    func isWaiting(_ set: OutgoingSet) -> Bool {
        incoming[set.mailbox]?.contains(set.trigger.bytes) ?? false
    }

    /// The very publication that lay there before.
    func held(_ answer: ListedAnswer, in mailbox: Mailbox) -> Bool {
        answers[mailbox]?[answer.stem]?.stamp == answer.stamp
    }
}

extension RemoteFiles {
    /// What lies in an outgoing directory; nothing when the server has not made it yet.
    func answers(in mailbox: Mailbox, _ paths: MailboxPaths) throws(RemoteFault) -> [RemoteEntry] {
        do {
            return try list(paths.path(mailbox))
        } catch {
            guard !error.breaksConnection, error.kind == .noSuchFile else { throw error.naming(mailbox) }
            return []
        }
    }
}

extension RemoteFault {
    fileprivate func naming(_ mailbox: Mailbox) -> RemoteFault {
        guard !breaksConnection else { return self }
        return RemoteFault(kind, "the directory \(mailbox.rawValue): \(clause)", cause: cause)
    }
}
