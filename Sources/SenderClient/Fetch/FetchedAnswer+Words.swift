public import Exchange

extension FetchedAnswer {
    /// What a person is told of the answer; nil for one that was there before and is not worth a word.
    public func words(in language: Language) -> String? {
        let document = documents.joined(separator: ", ")
        let tail = remark.map { "\n  \($0)" } ?? ""
        switch outcome {
        case .alreadyThere: return remark == nil ? nil : "\(document): was here before\(tail)"
        case .notBelieved(let sentence):
            return "\(document): not kept, its signature does not hold: \(sentence)"
        case .failed(let sentence, _): return "\(document): not fetched: \(sentence)"
        case .fetched(let signatures):
            let content = content?.words(in: language) ?? ""
            let proof = Array(Set(signatures.map(\.words))).sorted().joined(separator: "; ")
            return "\(document): \(proof)\(content)\(tail)"
        }
    }
}

extension AnswerContent {
    fileprivate func words(in language: Language) -> String {
        switch self {
        case .receipts(let receipts): receipts.map { "\n  " + $0.words(in: language) }.joined()
        case .notification(let notification): notification.words
        }
    }
}

extension Receipt {
    fileprivate func words(in language: Language) -> String {
        let number = ticket.map { ", ticket \(Shown.text($0))" } ?? ""
        let listed = codes.map { "\n    " + $0.line(in: language) }.joined()
        return "\(Shown.text(fileName)) \(isAccepted ? "accepted" : "refused")\(number)\(listed)"
    }
}

extension Receipt.Code {
    fileprivate func line(in language: Language) -> String {
        known.map { "\($0.errorID) \($0.sentence(in: language))" } ?? Shown.text(text)
    }
}

extension AnswerContent.Notification {
    fileprivate var words: String {
        let kinds = ["1": "accepted", "0": "refused", "2": "proposed for validation"]
        let counts = results.sorted { $0.key > $1.key }.map {
            "\($0.value) \(kinds[$0.key] ?? "with result \($0.key)")"
        }
        let listed = refused.map { form in
            let errors = form.errors.map { Shown.text($0, limit: 20) }.joined(separator: ", ")
            return "\n    \(form.ticket.map { Shown.text($0, limit: 64) } ?? "a form") refused: \(errors)"
        }
        return "\n  forms: " + counts.joined(separator: ", ") + listed.joined()
    }
}
