/// What a client asked for with `Prefer` (RFC 7240).
struct Preference: Hashable, Sendable {
    /// The longest wait granted.
    static let longestWait = 60

    /// Seconds to wait for what is not there yet, 1 to 60; nil when nothing or nonsense was asked. A longer wait is
    /// cut to the longest: a preference binds nobody.
    let wait: Int?

    /// - Parameter fields: the values of all `Prefer` fields.
    init(_ fields: [String]) {
        let waits = fields.joined(separator: ",").split(separator: ",").compactMap { item -> Int? in
            let parameter = item.split(separator: ";", maxSplits: 1).first ?? ""
            let sides = parameter.split(separator: "=", maxSplits: 1).map(\.trimmed)
            guard sides.count == 2, sides[0].lowercased() == "wait", sides[1].utf8.count <= 9,
                sides[1].utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 })
            else { return nil }
            return Int(sides[1])
        }
        // The first of several counts (RFC 7240 section 2).
        wait = waits.first.flatMap { $0 > 0 ? min($0, Preference.longestWait) : nil }
    }

    /// Nothing was asked, or is granted.
    static let none = Preference([])

    /// For `Preference-Applied`.
    var applied: String? { wait.map { "wait=\($0)" } }
}
