internal import Exchange

/// Everything senders come for: sets, sets file by file, answers.
struct ExchangeRoutes: WebRoutes {
    let routes: [WebRoute]

    init(_ exchange: WebExchange) {
        // One book of keys: a key used for a set sent whole is not free for one that is closed.
        let marks = InHand<HandoverMark>()
        routes =
            SetRoutes(exchange, marks: marks).routes + UploadRoutes(exchange, marks: marks).routes
            + AnswerRoutes(exchange).routes
    }
}
