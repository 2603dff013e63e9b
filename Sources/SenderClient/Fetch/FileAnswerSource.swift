internal import Channels
internal import Exchange

/// The outgoing directories of a file server or a folder.
final class FileAnswerSource: AnswerSource {
    private let link: Link
    private let paths: MailboxPaths
    private let mailboxes: [Mailbox]

    init(_ link: Link, at paths: MailboxPaths, mailboxes: [Mailbox]) {
        self.link = link
        self.paths = paths
        self.mailboxes = mailboxes
    }

    func offered() throws(RemoteFault) -> [OfferedAnswer] {
        var offered: [OfferedAnswer] = []
        for mailbox in mailboxes {
            for answer in ListedAnswer.complete(in: try entries(of: mailbox)) {
                offered.append(
                    OfferedAnswer(
                        trigger: answer.trigger, mailbox: mailbox, parts: answer.parts))
            }
        }
        return offered
    }

    func read(
        _ file: AnswerName, of answer: OfferedAnswer, restart: () throws -> Void,
        take: (UnsafeRawBufferPointer) throws -> Void
    ) throws(RemoteFault) {
        try link.run { (files) throws(RemoteFault) in
            do {
                try restart()
            } catch {
                throw RemoteFault(.stopped, "\(error)", cause: error)
            }
            try files.read(path(file, of: answer), from: 0) { piece in
                link.noteProgress()
                try take(piece)
            }
        }
    }

    /// The GO goes first: whatever a cut leaves does not look like an answer.
    func settle(_ answer: OfferedAnswer, isRemoving: Bool) throws(RemoteFault) {
        guard isRemoving else { return }
        for file in [answer.trigger] + answer.files.reversed() { try remove(file, of: answer) }
    }

    func sweep(
        _ isHere: (AnswerName, OfferedAnswer) throws(RemoteFault) -> Bool
    ) throws(RemoteFault) {
        for mailbox in mailboxes {
            let entries = try entries(of: mailbox)
            let named = entries.compactMap { entry in AnswerName(entry.name).map { ($0, entry.size) } }
            let whole = Set(named.map(\.0).filter { $0.kind == .trigger })
            for (name, size) in named where name.kind != .trigger && whole.isDisjoint(with: name.triggers) {
                for rest in rests(of: name, size, in: mailbox) {
                    guard try isHere(name, rest) else { continue }
                    try remove(name, of: rest)
                    break
                }
            }
        }
    }

    /// What a file alone may be left of: its name does not tell the kind of GO, and a signature not that of its document.
    private func rests(of name: AnswerName, _ size: UInt64?, in mailbox: Mailbox) -> [OfferedAnswer] {
        let documents = name.kind == .signature ? [.document, .archive].map(name.of) : [name]
        return name.triggers.flatMap { trigger in
            documents.map { document in
                let part = AnswerPart(document: document, sizes: size.map { [name.kind: $0] } ?? [:])
                return OfferedAnswer(trigger: trigger, mailbox: mailbox, parts: [part])
            }
        }
    }

    private func entries(of mailbox: Mailbox) throws(RemoteFault) -> [RemoteEntry] {
        try link.run { (files) throws(RemoteFault) in try files.answers(in: mailbox, paths) }
    }

    private func remove(_ file: AnswerName, of answer: OfferedAnswer) throws(RemoteFault) {
        do {
            try link.run { (files) throws(RemoteFault) in try files.remove(path(file, of: answer)) }
        } catch {
            guard !error.breaksConnection, error.kind == .noSuchFile else { throw error }
        }
    }

    private func path(_ file: AnswerName, of answer: OfferedAnswer) throws(RemoteFault) -> RemotePath {
        guard let path = try paths.path(answer.mailbox).appending(file.text) else {
            throw RemoteFault(.notAllowed, "\(file.text) cannot be the name of a file at a server")
        }
        return path
    }
}
