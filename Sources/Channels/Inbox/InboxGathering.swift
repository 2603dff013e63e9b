internal import Exchange

/// Which files of a directory belong together, told by names alone: readiness is the GO, never a size or an age.
struct InboxGathering {
    /// What the TDs take away.
    private(set) var cancelled: [InboxGroup] = []
    /// With their triggers, and what is answered on its own.
    private(set) var ready: [InboxGroup] = []
    /// Without.
    private(set) var incomplete: [InboxGroup] = []

    /// Those that belong to no group yet.
    private var rest: [FileName: ArrivalName]
    private let byStem: [ArrivalName.Stem: [FileName]]

    init(_ names: some Sequence<FileName>) {
        rest = Dictionary(uniqueKeysWithValues: names.map { ($0, ArrivalName($0)) })
        let order = rest.keys.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        var byStem: [ArrivalName.Stem: [FileName]] = [:]
        for name in order {
            if let stem = rest[name]?.stem { byStem[stem, default: []].append(name) }
        }
        self.byStem = byStem
        for name in order { cancel(by: name) }
        for name in order { gather(byTrigger: name) }
        for name in order { gather(byBrokenTrigger: name) }
        for name in order { setApart(name) }
        leave(order.filter { rest[$0] != nil })
    }

    private mutating func cancel(by name: FileName) {
        guard let arrival = rest[name], case .cancellation(let set) = arrival.role else { return }
        let taken = members(arrival.stem) { other in
            if case .trigger(let its) = other.role { return its.isSameSet(as: set) }
            return !other.tells && other.belongs(to: set, arrival.stem)
        }
        cancelled.append(InboxGroup(kind: .cancelled, name: name, parts: taken, stem: arrival.stem))
        forget(taken + [name])
    }

    private mutating func gather(byTrigger name: FileName) {
        guard let arrival = rest[name], case .trigger(let set) = arrival.role else { return }
        let parts = ArrivalName.bounded(
            members(arrival.stem) { !$0.tells && $0.belongs(to: set, arrival.stem) })
        let isComplete = set.isComplete(with: parts.compactMap { rest[$0]?.part })
        ready.append(
            InboxGroup(
                kind: .triggered, name: name, parts: parts, isComplete: isComplete, stem: arrival.stem))
        forget(parts + [name])
    }

    /// A GO that cannot be read takes whatever says the same purpose, sender, date and sequence.
    private mutating func gather(byBrokenTrigger name: FileName) {
        guard let arrival = rest[name], case .brokenTrigger = arrival.role else { return }
        let parts = ArrivalName.bounded(members(arrival.stem) { !$0.tells })
        ready.append(InboxGroup(kind: .triggered, name: name, parts: parts, stem: arrival.stem))
        forget(parts + [name])
    }

    private mutating func setApart(_ name: FileName) {
        guard case .stranger? = rest[name]?.role else { return }
        ready.append(InboxGroup(kind: .alone, name: name, parts: [name], stem: nil))
        forget([name])
    }

    /// The FI and FS of one set together, any other file alone.
    private mutating func leave(_ names: [FileName]) {
        struct Identity: Hashable {
            let stem: ArrivalName.Stem?
            let environment: ExchangeEnvironment
        }
        var indices: [Identity: Int] = [:]
        for name in names {
            let stem = rest[name]?.stem
            guard let set = rest[name]?.partSet else {
                incomplete.append(InboxGroup(kind: .untriggered, name: name, parts: [name], stem: stem))
                continue
            }
            let identity = Identity(stem: stem, environment: set.environment)
            if let index = indices[identity] {
                incomplete[index].parts.append(name)
            } else {
                indices[identity] = incomplete.count
                incomplete.append(
                    InboxGroup(
                        kind: .untriggered, name: set.triggerName ?? name, parts: [name], stem: stem))
            }
        }
    }

    private func members(_ stem: ArrivalName.Stem?, _ isMember: (ArrivalName) -> Bool) -> [FileName] {
        guard let stem else { return [] }
        return (byStem[stem] ?? []).filter { rest[$0].map(isMember) ?? false }
    }

    private mutating func forget(_ names: [FileName]) {
        for name in names { rest[name] = nil }
    }
}
