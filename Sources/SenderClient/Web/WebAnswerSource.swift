internal import Channels
internal import Exchange

/// The answers of a web service. Their GO is the service's word that they are whole.
final class WebAnswerSource: AnswerSource {
    private let service: WebService
    private let mailboxes: [Mailbox]
    private let perseverance: Perseverance

    /// Answers on one page, and pages at the most.
    private static let page = 1000
    private static let mostPages = 1000
    /// Bytes of one file of an answer.
    private static let largest: UInt64 = 1 << 30

    private struct Page: Decodable {
        let answers: [Answer]
        let cursor: String

        struct Answer: Decodable {
            let id: String
            let directory: String
            let isConfirmed: Bool?
        }
    }

    init(_ service: WebService, mailboxes: [Mailbox], perseverance: Perseverance) {
        self.service = service
        self.mailboxes = mailboxes
        self.perseverance = perseverance
    }

    func offered() throws(RemoteFault) -> [OfferedAnswer] {
        var offered: [OfferedAnswer] = []
        var cursor: String?
        for _ in 0..<WebAnswerSource.mostPages {
            let place = cursor.map { "&cursor=\($0)" } ?? ""
            let page = try perseverance.run(at: service.address) { () throws(RemoteFault) in
                try service.read(Page.self, "/v1/answers?limit=\(WebAnswerSource.page)\(place)")
            }
            for answer in page.answers {
                guard let name = AnswerName(Array("FO.\(answer.id)".utf8)),
                    let mailbox = mailboxes.first(where: { $0.rawValue == answer.directory })
                else { continue }
                offered.append(
                    OfferedAnswer(
                        trigger: name.of(.trigger), mailbox: mailbox,
                        parts: [AnswerPart(document: name, sizes: [:])],
                        awaitsWord: answer.isConfirmed != true))
            }
            guard page.answers.count == WebAnswerSource.page, page.cursor != cursor else { return offered }
            guard page.cursor.utf8.allSatisfy({ $0.isDigit || $0.isCapital || (0x61...0x7A).contains($0) })
            else {
                throw RemoteFault(.garbled, "the service gave a cursor that is none")
            }
            cursor = page.cursor
        }
        return offered
    }

    func read(
        _ file: AnswerName, of answer: OfferedAnswer, restart: () throws -> Void,
        take: (UnsafeRawBufferPointer) throws -> Void
    ) throws(RemoteFault) {
        let path = "/v1/answers/\(file.stem)/\(file.kind.rawValue)"
        try perseverance.run(at: service.address) { () throws(RemoteFault) in
            do {
                try restart()
                try withoutActuallyEscaping(take) { take in
                    try service.fetch(path, atMost: WebAnswerSource.largest) { [perseverance] piece in
                        perseverance.noteProgress()
                        try take(piece)
                    }
                }
            } catch let fault as RemoteFault {
                throw fault
            } catch {
                throw RemoteFault(.stopped, "\(error)", cause: error)
            }
        }
    }

    func settle(_ answer: OfferedAnswer, isRemoving: Bool) throws(RemoteFault) {
        let path = "/v1/answers/\(answer.trigger.stem)"
        do {
            _ = try perseverance.run(at: service.address) { () throws(RemoteFault) in
                isRemoving
                    ? try service.send("DELETE", path) : try service.send("POST", path + "/confirmation")
            }
        } catch {
            guard error.kind == .noSuchFile else { throw error }
        }
    }

    /// The service removes an answer whole.
    func sweep(
        _ isHere: (AnswerName, OfferedAnswer) throws(RemoteFault) -> Bool
    ) throws(RemoteFault) {}
}

extension AnswerFetch {
    /// From a web service.
    ///
    /// - Parameter note: told in words when something is tried again.
    public init(from web: WebSettings, settings: Settings, note: @escaping @Sendable (String) -> Void) {
        self.init(settings) {
            let perseverance = Perseverance(patience: settings.patience, timing: .system, note: note)
            return WebAnswerSource(
                WebService(web, connections: 1, timing: .system), mailboxes: settings.mailboxes,
                perseverance: perseverance)
        }
    }
}
