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
                        name: answer.name, mailbox: mailbox, document: answer.document, sizes: answer.sizes))
            }
        }
        return offered
    }

    func read(
        _ kind: AnswerName.Kind, of answer: OfferedAnswer, restart: () throws -> Void,
        take: (UnsafeRawBufferPointer) throws -> Void
    ) throws(RemoteFault) {
        try link.run { (files) throws(RemoteFault) in
            do {
                try restart()
            } catch {
                throw RemoteFault(.stopped, "\(error)", cause: error)
            }
            try files.read(path(kind, of: answer), from: 0) { piece in
                link.noteProgress()
                try take(piece)
            }
        }
    }

    /// The GO goes first: whatever a cut leaves does not look like an answer.
    func settle(_ answer: OfferedAnswer, isRemoving: Bool) throws(RemoteFault) {
        guard isRemoving else { return }
        for kind in [AnswerName.Kind.trigger, .signature, answer.document] { try remove(kind, of: answer) }
    }

    func sweep(
        _ isHere: (AnswerName.Kind, OfferedAnswer) throws(RemoteFault) -> Bool
    ) throws(RemoteFault) {
        for mailbox in mailboxes {
            let entries = try entries(of: mailbox)
            let named = entries.compactMap { entry in AnswerName(entry.name).map { ($0, entry.size) } }
            let whole = Set(named.filter { $0.0.kind == .trigger }.map(\.0.stem))
            for (name, size) in named where !whole.contains(name.stem) && name.kind != .trigger {
                let document: AnswerName.Kind = name.kind == .archive ? .archive : .document
                let rest = OfferedAnswer(
                    name: name, mailbox: mailbox, document: document,
                    sizes: size.map { [name.kind: $0] } ?? [:])
                if try isHere(name.kind, rest) { try remove(name.kind, of: rest) }
            }
        }
    }

    private func entries(of mailbox: Mailbox) throws(RemoteFault) -> [RemoteEntry] {
        try link.run { (files) throws(RemoteFault) in try files.answers(in: mailbox, paths) }
    }

    private func remove(_ kind: AnswerName.Kind, of answer: OfferedAnswer) throws(RemoteFault) {
        do {
            try link.run { (files) throws(RemoteFault) in try files.remove(path(kind, of: answer)) }
        } catch {
            guard !error.breaksConnection, error.kind == .noSuchFile else { throw error }
        }
    }

    private func path(_ kind: AnswerName.Kind, of answer: OfferedAnswer) throws(RemoteFault) -> RemotePath {
        let name = answer.name.text(of: kind)
        guard let path = try paths.path(answer.mailbox).appending(name) else {
            throw RemoteFault(.notAllowed, "\(name) cannot be the name of a file at a server")
        }
        return path
    }
}
