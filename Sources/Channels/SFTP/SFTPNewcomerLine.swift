/// Connections without log-in that wait to be carried on, first come, first served. A few have their turn
/// between two looks at the established sessions, because each may bring a key exchange, the dearest thing a
/// stranger can ask for.
struct SFTPNewcomerLine {
    /// Connections carried on in one turn.
    static let perTurn = 4

    private var line: [UInt64] = []
    private var members: Set<UInt64> = []

    var isEmpty: Bool { line.isEmpty }

    /// Puts a connection at the end, unless it waits already.
    mutating func add(_ id: UInt64) {
        guard members.insert(id).inserted else { return }
        line.append(id)
    }

    /// Those whose turn it is. They are out of the line, and go to its end when added again.
    mutating func take() -> [UInt64] {
        let taken = Array(line.prefix(SFTPNewcomerLine.perTurn))
        line.removeFirst(taken.count)
        members.subtract(taken)
        return taken
    }
}
