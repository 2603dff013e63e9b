public import Exchange

extension SetOutcome {
    /// What a person is told: the verdict, and for each code what is wrong and what to do about it.
    public func words(in language: Language) -> String {
        switch verdict {
        case .accepted(let received):
            let repeated = received.isEarlier ? " by an earlier receipt, and no other came" : ""
            return "\(set.trigger): accepted\(repeated)\(received.ticketWords)\n  \(received.signatureWords)"
        case .refused(let received):
            let codes = received.receipt.codes.map { "\n  " + $0.words(in: language) }.joined()
            return "\(set.trigger): refused\(received.ticketWords)\(codes)\n  \(received.signatureWords)"
        case .unknown(let sentence): return "\(set.trigger): no outcome yet: \(sentence)"
        case .failed(let sentence): return "\(set.trigger): failed: \(sentence)"
        }
    }
}

extension ReceivedReceipt {
    fileprivate var ticketWords: String { receipt.ticket.map { ", ticket \(Shown.text($0))" } ?? "" }
    fileprivate var signatureWords: String { "receipt \(document): \(signature.words)" }
}

extension Receipt.Code {
    fileprivate func words(in language: Language) -> String {
        guard let known else { return "\(Shown.text(text)) (see annex 30 of the administration)" }
        return "\(known.errorID) \(known.sentence(in: language))\n    \(known.mend(in: language))"
    }
}
