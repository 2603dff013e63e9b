internal import Exchange
internal import ServiceLifecycle

/// Reads the answers a caller may see, a page at a time.
struct AnswerPages: Sendable {
    /// Looks at the shelf for one page: so many pages of answers may be left out before a page ends short.
    private static let mostLooks = 4

    let exchange: WebExchange
    let watch: ShelfWatch

    init(_ exchange: WebExchange) {
        self.exchange = exchange
        watch = ShelfWatch(exchange)
    }

    struct Page: Sendable {
        var answers: [ShelvedAnswer] = []
        /// Of the last answer that was looked at, shown or not.
        var cursor: Int64
        /// Nothing more was on the shelf.
        var isLast = false
    }

    /// The page asked for; an empty last one only when nothing came within `seconds`, or the service is stopping.
    func page(of query: AnswerQuery, for context: WebContext, waiting seconds: Int?) async throws -> Page {
        var caller = try context.provenCaller
        let end = ContinuousClock.now + .seconds(seconds ?? 0)
        var query = query
        while true {
            let page = try await read(query, for: caller)
            guard page.answers.isEmpty, page.isLast, ContinuousClock.now < end, !Task.isCancelled,
                !Task.isShuttingDownGracefully
            else { return page }
            query.cursor = page.cursor
            await watch.wait(at: ShelfWatch.Place(of: caller.sender, query), until: end)
            caller = try await context.callerStillProven
        }
    }

    private func read(_ query: AnswerQuery, for caller: WebCaller) async throws -> Page {
        var page = Page(cursor: query.cursor)
        for _ in 0..<AnswerPages.mostLooks where !page.isLast && page.answers.count < query.limit {
            let found = try await exchange.threads.run { [exchange, page] in
                try exchange.shelf.answers(
                    of: caller.sender, after: page.cursor, unconfirmedOnly: query.isUnconfirmedOnly,
                    limit: query.limit)
            }
            page.isLast = found.count < query.limit
            try await add(found, to: &page, upTo: query.limit, for: caller)
        }
        return page
    }

    /// Each answer is judged in a turn of its own: a long page does not keep the threads from everybody else.
    private func add(
        _ found: [ShelvedAnswer], to page: inout Page, upTo limit: Int, for caller: WebCaller
    ) async throws {
        for answer in found {
            guard page.answers.count < limit else {
                page.isLast = false
                return
            }
            page.cursor = answer.cursor
            let isShown =
                caller.proof == .certificate
                ? true
                : try await exchange.threads.run { [exchange] in try exchange.shows(answer, to: caller) }
            if isShown { page.answers.append(answer) }
        }
    }
}
