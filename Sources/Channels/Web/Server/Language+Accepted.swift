internal import Exchange

extension Language {
    /// The one of ours a caller likes best (RFC 9110 section 12.5.4); English when it names none of them. Only the
    /// first 20 ranges are read.
    init(accepted header: String?) {
        var best: (language: Language, quality: Double)?
        for range in (header ?? "").split(separator: ",").prefix(20) {
            let pieces = range.split(separator: ";").map { $0.trimmed }
            guard let tag = pieces.first?.prefix(while: { $0 != "-" }).lowercased(),
                let language = Language(rawValue: tag), let quality = Language.quality(pieces.dropFirst()),
                quality > (best?.quality ?? 0)
            else { continue }
            best = (language, quality)
        }
        self = best?.language ?? .en
    }

    /// Nil when the weight is not one.
    private static func quality(_ parameters: ArraySlice<Substring>) -> Double? {
        guard let weight = parameters.first(where: { $0.lowercased().hasPrefix("q=") }) else { return 1 }
        guard let quality = Double(weight.dropFirst(2)), (0...1).contains(quality) else { return nil }
        return quality
    }
}
