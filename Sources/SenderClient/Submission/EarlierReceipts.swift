internal import Channels
internal import Exchange

/// Receipts that lay at a server before anything was sent, and whether they are the answer to what was sent now.
///
/// A receipt names a set and does not tell its content. One from before is taken for the answer when it accepts the
/// set, the server has taken what was sent now, and an objection to other content (domain 1.7, code 133) had its time
/// to come. When the sender waits no longer than that, it is taken also if no FI changed since the receipt was there:
/// then there was no other content.
struct EarlierReceipts {
    /// The newest that accepts a set, by the place of the set.
    private var accepting: [Int: (receipt: Receipt, answer: ListedAnswer)] = [:]
    /// Since when the server is known to have taken a set, by the submission's clock.
    private var taken: [Int: Double] = [:]
    private let paths: MailboxPaths
    private let grace: Double

    /// Receipts that are read at the most, beside one for each set; the newest first.
    private static let most = 500

    /// - Parameters:
    ///   - grace: seconds an objection has to come.
    ///   - read: the receipts in an answer.
    init(
        _ ground: ServerGround, of sets: NamedSets, at paths: MailboxPaths, grace: Double,
        _ read: (ListedAnswer, Mailbox) throws(RemoteFault) -> [Receipt]
    ) throws(RemoteFault) {
        self.paths = paths
        self.grace = grace
        for (mailbox, answers) in ground.answers {
            let newest = answers.values.filter(\.isReceipt).sorted { $0.stem > $1.stem }
            for answer in newest.prefix(EarlierReceipts.most + sets.count) {
                for receipt in try read(answer, mailbox) where receipt.isAccepted {
                    guard let index = sets.index(of: receipt.fileName, answeredIn: mailbox),
                        accepting[index] == nil
                    else { continue }
                    accepting[index] = (receipt, answer)
                }
                if accepting.count == sets.count { break }
            }
        }
    }

    /// Looks which of the sets are no longer in the directory they were put in. It is listed where
    /// that is allowed: servers tell the size of a file to whoever just uploaded it, though it is gone.
    mutating func noteTaken(
        _ indices: [Int], of sets: [OutgoingSet], in mailbox: Mailbox, over link: Link, at now: Double
    ) throws(RemoteFault) {
        let unknown = indices.filter { accepting[$0] != nil && taken[$0] == nil }
        guard !unknown.isEmpty else { return }
        let directory = try paths.path(mailbox)
        let left: Set<[UInt8]>
        do {
            left = Set(try link.run { (files) throws(RemoteFault) in try files.list(directory) }.map(\.name))
        } catch {
            guard !error.breaksConnection, error.kind == .notAllowed else { throw error }
            left = try link.run { (files) throws(RemoteFault) in
                var left: Set<[UInt8]> = []
                for name in unknown.map({ sets[$0].trigger.bytes }) {
                    guard let path = directory.appending(name),
                        case .success? = try files.sizes(of: [path]).first
                    else { continue }
                    left.insert(name)
                }
                return left
            }
        }
        for index in unknown where !left.contains(sets[index].trigger.bytes) { taken[index] = now }
    }

    /// - Parameter isLast: the sender waits no longer.
    func receipt(
        for index: Int, _ set: OutgoingSet, at now: Double, isLast: Bool
    ) -> (receipt: Receipt, answer: ListedAnswer)? {
        guard let known = accepting[index], let taken = taken[index] else { return nil }
        if now - taken >= grace { return known }
        guard isLast, let publishedAt = known.answer.publishedAt, set.isUnchanged(since: publishedAt) else {
            return nil
        }
        return known
    }

    /// There is a receipt for the set, and it is not known whether it is about what was sent now.
    func objectionMayCome(to index: Int) -> Bool { accepting[index] != nil && taken[index] != nil }
}
