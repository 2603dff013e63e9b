internal import Exchange

/// Everything that lies in one incoming directory of one sender, or in one consignment.
struct Arrivals: Sendable {
    private(set) var files: [FileName: Arrival] = [:]
    private(set) var early: [FileName: EarlyTrigger] = [:]
    /// Of all files here.
    private(set) var bytes: UInt64 = 0
    private var byStem: [ArrivalName.Stem: Set<FileName>] = [:]
    private var bySerial: [UInt64: FileName] = [:]

    subscript(name: FileName) -> Arrival? { files[name] }

    func name(ofSerial serial: UInt64) -> FileName? { bySerial[serial] }

    mutating func insert(_ arrival: Arrival, named name: FileName) {
        files[name] = arrival
        bytes += arrival.size
        bySerial[arrival.serial] = name
        if let stem = arrival.name.stem { byStem[stem, default: []].insert(name) }
    }

    /// Takes the file out, with the early GO it may be.
    @discardableResult
    mutating func remove(_ name: FileName) -> (arrival: Arrival, early: EarlyTrigger?)? {
        guard let arrival = files.removeValue(forKey: name) else { return nil }
        bytes -= arrival.size
        bySerial[arrival.serial] = nil
        if let stem = arrival.name.stem {
            byStem[stem]?.remove(name)
            if byStem[stem]?.isEmpty == true { byStem[stem] = nil }
        }
        return (arrival, early.removeValue(forKey: name))
    }

    mutating func change(_ name: FileName, _ body: (inout Arrival) -> Void) {
        guard var arrival = files[name] else { return }
        bytes -= arrival.size
        body(&arrival)
        bytes += arrival.size
        files[name] = arrival
    }

    mutating func keep(_ trigger: EarlyTrigger, named name: FileName) {
        early[name] = trigger
    }

    mutating func takeEarly(_ name: FileName) -> EarlyTrigger? {
        early.removeValue(forKey: name)
    }

    mutating func takeEarlyCompletion(_ name: FileName) -> Completion? {
        let completion = early[name]?.completion
        early[name]?.completion = nil
        return completion
    }

    /// The files a GO of `set` takes with it, by name.
    func members(of set: SetName, _ stem: ArrivalName.Stem?) -> [FileName] {
        guard let stem else { return [] }
        return (byStem[stem] ?? []).filter { files[$0]?.name.belongs(to: set, stem) == true }
    }

    /// The files that have this stem as text, triggers and cancellations excepted.
    func members(withStem stem: ArrivalName.Stem?) -> [FileName] {
        guard let stem else { return [] }
        return (byStem[stem] ?? []).filter { name in
            switch files[name]?.name.role {
            case .part, .plain, .stranger: true
            default: false
            }
        }
    }

    /// The GOs that lie here for `set`.
    func triggers(of set: SetName, _ stem: ArrivalName.Stem?) -> [FileName] {
        guard let stem else { return [] }
        return (byStem[stem] ?? []).filter { name in
            guard case .trigger(let other)? = files[name]?.name.role else { return false }
            return other.isSameSet(as: set)
        }
    }

    /// The GOs that wait for files with this stem.
    func early(withStem stem: ArrivalName.Stem?) -> [(name: FileName, trigger: EarlyTrigger)] {
        guard let stem else { return [] }
        return (byStem[stem] ?? []).compactMap { name in early[name].map { (name, $0) } }
    }

    /// True when every file the set needs is there and closed, and nothing of the set is being written.
    func isComplete(_ set: SetName, _ members: [FileName]) -> Bool {
        let arrived = members.compactMap { files[$0] }
        guard arrived.count == members.count, arrived.allSatisfy({ !$0.isBusy }) else { return false }
        return set.isComplete(with: arrived.filter(\.isClosed).compactMap(\.name.part))
    }
}
