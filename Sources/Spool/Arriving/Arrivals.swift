internal import Exchange

/// Everything that lies in one incoming directory of one sender.
struct Arrivals: Sendable {
    private(set) var files: [FileName: Arrival] = [:]
    private(set) var early: [FileName: EarlyTrigger] = [:]
    /// Of all files here.
    private(set) var bytes: UInt64 = 0
    /// Of all files in the sender's other incoming directories.
    var bytesElsewhere: UInt64 = 0
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

    /// Of files a set would take, those it does take: of names that cannot be parsed no more than a set has
    /// FI and FS (nine each, domain 1.2), so that no set grows without bound. The others stay.
    func bounded(_ names: [FileName]) -> [FileName] {
        let sorted = names.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        var unparsed = 0
        return sorted.filter { name in
            if case .part? = files[name]?.name.role { return true }
            unparsed += 1
            return unparsed <= 18
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

    /// True when every FI is there and closed, and every FS where one is asked for, and nothing of the set is
    /// being written (domain 1.3; in simulation an FS may be missing).
    func isComplete(_ set: SetName, _ members: [FileName]) -> Bool {
        var declarations: Set<Int> = []
        var signatures: Set<Int> = []
        for name in members {
            guard let arrival = files[name], !arrival.isBusy else { return false }
            guard case .part(let part) = arrival.name.role, arrival.isClosed, part.set.parts == set.parts
            else {
                continue
            }
            switch part.kind {
            case .declaration: declarations.insert(part.part ?? 1)
            case .signature: signatures.insert(part.part ?? 1)
            case .trigger, .cancellation: break
            }
        }
        let needed = Set(1...set.declarationCount)
        return needed.isSubset(of: declarations)
            && (set.environment == .simulation || needed.isSubset(of: signatures))
    }
}
