/// The languages of the exchange.
public enum Language: String, Sendable, Hashable, Codable, CaseIterable {
    case fr, nl, de, en
}

extension ReceptionCode {
    /// One sentence: what is wrong.
    public func sentence(in language: Language) -> String { text(in: language).sentence }

    /// One sentence: what to do about it.
    public func mend(in language: Language) -> String { text(in: language).mend }

    private func text(in language: Language) -> Text {
        switch language {
        case .fr: french
        case .nl: dutch
        case .de: german
        case .en: english
        }
    }

    /// The two sentences of a code in one language.
    struct Text {
        let sentence: String
        let mend: String

        init(_ sentence: String, _ mend: String) {
            self.sentence = sentence
            self.mend = mend
        }
    }
}
