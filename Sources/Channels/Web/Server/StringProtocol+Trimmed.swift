extension StringProtocol {
    /// Without the spaces and tabs at both ends.
    var trimmed: SubSequence {
        let start = drop { $0 == " " || $0 == "\t" }
        guard let end = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return self[endIndex...] }
        return self[start.startIndex...end]
    }
}
