internal import Exchange
internal import HTTPTypes
internal import Hummingbird

/// Hands a set over that came file by file: what a GO does on other channels.
struct UploadClosing: Sendable {
    let book: UploadBook
    let marks: InHand<HandoverMark>
    private var exchange: WebExchange { book.exchange }

    /// Closing what is closed gives the same answer: the ticket says which set is meant.
    @Sendable func close(_ request: Request, _ context: WebContext) async throws -> Response {
        let caller = try context.provenCaller
        let ticket = try request.ticket(context)
        let answer = SetAnswer(exchange: exchange)
        guard let key = try IdempotencyKey(of: request, from: caller.sender) else {
            let isReplayed = try await handOver(ticket, of: caller, context, mark: nil)
            return try await answer.created(ticket, for: caller, isReplayed: isReplayed, request, context)
        }
        return try await marks.holding(key.mark) {
            let earlier = try await exchange.threads.run { [exchange] in
                try exchange.intake.handedOver(key.mark)
            }
            if let earlier, earlier.ticket != ticket { throw Problem.idempotencyMismatch }
            let isReplayed = try await handOver(ticket, of: caller, context, mark: key.mark)
            return try await answer.created(ticket, for: caller, isReplayed: isReplayed, request, context)
        }
    }

    /// True when the set was handed over before.
    private func handOver(
        _ ticket: Ticket, of caller: WebCaller, _ context: WebContext, mark: HandoverMark?
    ) async throws -> Bool {
        let set = UploadsInHand.NamedSet(ticket, of: caller)
        guard book.hands.takeWhole(set) else { throw Problem.locked }
        defer { book.hands.giveBackWhole(set) }
        let entry: UploadBook.Entry
        do {
            entry = try await exchange.threads.run {
                try book.change(ticket, of: caller) { entry in
                    try requireWhole(entry)
                    try removeUnannounced(entry)
                    return entry
                }
            }
        } catch HomeFault.noSuchFile {
            try await exchange.threads.run { [exchange] in
                guard let report = try exchange.reports.report(on: ticket, of: caller.sender) else {
                    throw HomeFault.noSuchFile
                }
                try exchange.require(.send, of: caller, for: report.set)
            }
            return true
        }
        _ = try await context.callerStillProven
        try await exchange.threads.settled {
            entry.consignment.seal(
                as: entry.note.trigger, hasTrigger: true,
                mark: mark.map {
                    ($0, fingerprint: Digest(sha256Of: Array(ticket.description.utf8)))
                },
                completion: $0)
        }
        return false
    }

    private func requireWhole(_ entry: UploadBook.Entry) throws {
        guard !entry.note.files.isEmpty else { throw SetComposition.Refusal.nothing }
        let missing = entry.note.files.filter { !entry.isComplete($0) }
        guard missing.isEmpty else {
            throw Problem(
                .incomplete, "Not complete: \(missing.map(\.escaped).joined(separator: ", ")).")
        }
    }

    /// A crash between making a file and noting its length leaves one that nobody was told of.
    private func removeUnannounced(_ entry: UploadBook.Entry) throws {
        for file in entry.files.keys where entry.note[file] == nil {
            try entry.consignment.remove(file)
        }
    }
}
