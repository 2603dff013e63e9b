internal import Channels
internal import Exchange
internal import Foundation
internal import Validation

/// Waits for the receipts of sets that were sent: looks into the outgoing directories until each has its own, or its
/// time is up. One thread's.
final class ReceiptWatch {
    private let link: Link
    private let book: SubmissionBook
    private let ground: ServerGround
    private let paths: MailboxPaths
    private let settings: SubmissionSettings
    private let timing: Timing
    private let note: (String) -> Void
    private let sets: NamedSets
    private var seen: Set<ListedAnswer> = []
    private var earlier: EarlierReceipts?
    private var pause = firstPause

    /// Seconds between looks: soon at first, then less and less often.
    private static let firstPause = 0.2
    private static let longestPause = 2.0
    /// Seconds without a new receipt after which those from before are looked at.
    private static let patience = 2.0

    init(
        link: Link, book: SubmissionBook, ground: ServerGround, paths: MailboxPaths,
        settings: SubmissionSettings,
        timing: Timing, note: @escaping (String) -> Void
    ) {
        self.link = link
        self.book = book
        self.ground = ground
        self.paths = paths
        self.settings = settings
        self.timing = timing
        self.note = note
        sets = NamedSets(book.sets)
    }

    /// Until every set has its verdict.
    func run() {
        while true {
            let awaiting = book.awaiting
            guard !awaiting.isEmpty || book.isBringing else { return }
            do throws(RemoteFault) {
                try look(for: awaiting)
                try settleEarlier()
            } catch {
                for index in awaiting.keys { book.settle(index, SetVerdict(error, mayBeComplete: true)) }
            }
            expire()
            guard !book.awaiting.isEmpty || book.isBringing else { return }
            timing.pause(pause)
            pause = min(pause * 1.5, ReceiptWatch.longestPause)
        }
    }

    private func isOver(_ sentAt: Double) -> Bool { timing.now() - sentAt >= settings.wait }

    private func expire() {
        for (index, sentAt) in book.awaiting where isOver(sentAt) {
            let time = Quantity.duration(settings.wait)
            let doubt = earlier?.objectionMayCome(to: index) == true
            book.settle(
                index,
                .unknown(
                    "it was sent, and no receipt came within \(time)"
                        + (doubt ? "; an earlier one accepts a set of this name, but maybe other files" : ""))
            )
        }
    }

    private func look(for awaiting: [Int: Double]) throws(RemoteFault) {
        let mailboxes = Set(awaiting.keys.map { book.sets[$0].mailbox.answers })
        for mailbox in mailboxes.sorted(by: { $0.rawValue < $1.rawValue }) {
            let entries = try link.run { (files) throws(RemoteFault) in try files.answers(in: mailbox, paths)
            }
            for answer in ListedAnswer.complete(in: entries) where answer.isReceipt {
                guard !ground.held(answer, in: mailbox), !seen.contains(answer) else { continue }
                var isEarly = false
                for receipt in try receipts(in: answer, mailbox) {
                    guard let index = sets.index(of: receipt.fileName, answeredIn: mailbox) else { continue }
                    // Faster than the word that the GO has arrived: it is looked at again.
                    if book.isGoing(index) {
                        isEarly = true
                    } else {
                        try settle(index, receipt, answer, isEarlier: false)
                    }
                }
                if !isEarly { seen.insert(answer) }
            }
        }
    }

    /// None when it is not readable as a receipt, or was taken away meanwhile.
    private func receipts(in answer: ListedAnswer, _ mailbox: Mailbox) throws(RemoteFault) -> [Receipt] {
        guard let document = try answer.bytes(of: .document, in: mailbox, paths, over: link) else {
            return []
        }
        do {
            return try Receipt.forms(in: document)
        } catch {
            note("\(answer.document.text) is passed over: \(error)")
            return []
        }
    }

    private func settle(
        _ index: Int, _ receipt: Receipt, _ answer: ListedAnswer, isEarlier: Bool
    ) throws(RemoteFault) {
        let mailbox = book.sets[index].mailbox.answers
        guard book.awaiting[index] != nil,
            let document = try answer.bytes(of: .document, in: mailbox, paths, over: link),
            let signature = try answer.bytes(of: .signature, in: mailbox, paths, over: link)
        else { return }
        pause = ReceiptWatch.firstPause
        let name = answer.document.text
        do throws(ReceiptSignatureFault) {
            let proven = try ReceiptSignature.verify(
                signature, over: document, trust: settings.trust, at: Date())
            let received = ReceivedReceipt(
                receipt: receipt, document: name, signature: proven, isEarlier: isEarlier)
            book.settle(index, receipt.isAccepted ? .accepted(received) : .refused(received))
        } catch {
            book.settle(index, .failed("the receipt \(name) cannot be believed: \(error.sentence)"))
        }
    }

    /// A server that knows a set already need not answer it anew: the receipt of the first time may lie there unchanged.
    private func settleEarlier() throws(RemoteFault) {
        let patience = min(ReceiptWatch.patience, settings.wait)
        let waiting = book.awaiting.filter { timing.now() - $0.value >= patience }
        guard !waiting.isEmpty else { return }
        if earlier == nil {
            earlier = try EarlierReceipts(
                ground, of: sets, at: paths, grace: settings.grace
            ) { (answer, mailbox) throws(RemoteFault) in try receipts(in: answer, mailbox) }
        }
        for (mailbox, indices) in Dictionary(grouping: waiting.keys, by: { book.sets[$0].mailbox }) {
            try earlier?.noteTaken(indices, of: book.sets, in: mailbox, over: link, at: timing.now())
        }
        for (index, sentAt) in waiting {
            let known = earlier?.receipt(
                for: index, book.sets[index], at: timing.now(), isLast: isOver(sentAt))
            guard let known else { continue }
            try settle(index, known.receipt, known.answer, isEarlier: true)
        }
    }
}

/// The sets of a submission by the names their receipts may have.
struct NamedSets {
    private var indices: [Mailbox: [String: Int]] = [:]
    let count: Int

    init(_ sets: [OutgoingSet]) {
        count = sets.count
        for (index, set) in sets.enumerated() {
            for name in set.receiptNames { indices[set.mailbox.answers, default: [:]][name] = index }
        }
    }

    /// The set a receipt that names `fileName` is about.
    func index(of fileName: String, answeredIn mailbox: Mailbox) -> Int? { indices[mailbox]?[fileName] }
}
