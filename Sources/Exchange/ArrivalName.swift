/// What the shape of a name tells those who take sets in: which files belong together, and which of them has something
/// done. Whether the name is right is for the decision to say.
public struct ArrivalName: Sendable {
    public enum Role: Sendable {
        /// An FI or FS that follows the convention.
        case part(PartName)
        /// A GO that does.
        case trigger(SetName)
        /// A GO that does not.
        case brokenTrigger
        /// A TD that follows the convention.
        case cancellation(SetName)
        /// A name of the convention's shape with a prefix nobody knows: it is a set of its own, to be
        /// answered 129.
        case stranger
        /// A name clients give a file while they write it.
        case temporary
        /// Anything else.
        case plain
    }

    /// The second to fifth element as written: purpose, sender, date, sequence.
    public struct Stem: Hashable, Sendable {
        public let bytes: [UInt8]
    }

    public let role: Role
    /// Nil for temporary names and those with fewer than five elements.
    public let stem: Stem?

    public init(_ name: FileName) {
        guard !ArrivalName.isTemporary(name.bytes) else {
            role = .temporary
            stem = nil
            return
        }
        let elements = name.bytes.split(separator: 0x2E, omittingEmptySubsequences: false)
        stem = elements.count < 5 ? nil : Stem(bytes: Array(elements[1...4].joined(separator: [0x2E])))
        role = ArrivalName.role(name, elements)
    }

    private static func role(_ name: FileName, _ elements: [ArraySlice<UInt8>]) -> Role {
        if let parsed = try? PartName(name) {
            switch parsed.kind {
            case .declaration, .signature: return .part(parsed)
            case .trigger: return .trigger(parsed.set)
            case .cancellation: return .cancellation(parsed.set)
            }
        }
        let prefix = String(decoding: elements[0], as: UTF8.self)
        if prefix == PartName.Kind.trigger.rawValue { return .brokenTrigger }
        let isStranger =
            elements[0].count == 2 && elements[0].allSatisfy(\.isCapital)
            && PartName.Kind(rawValue: prefix) == nil
            && (6...8).contains(elements.count)
        return isStranger ? .stranger : .plain
    }

    private static let temporaryEndings = [".filepart", ".part", ".tmp", ".partial", "~"].map {
        Array($0.utf8)
    }

    private static func isTemporary(_ bytes: [UInt8]) -> Bool {
        if bytes.first == 0x2E { return true }
        let lowered = bytes.map { $0.isCapital ? $0 + 0x20 : $0 }
        return temporaryEndings.contains { lowered.suffix($0.count).elementsEqual($0) }
    }

    /// The set a file belongs to by its name, when its name follows the convention.
    public var set: SetName? {
        switch role {
        case .part(let name): name.set
        case .trigger(let set), .cancellation(let set): set
        default: nil
        }
    }

    public var isTrigger: Bool {
        switch role {
        case .trigger, .brokenTrigger: true
        default: false
        }
    }

    /// True when closing the file alone has something done.
    public var tells: Bool {
        switch role {
        case .trigger, .brokenTrigger, .cancellation, .stranger: true
        case .part, .temporary, .plain: false
        }
    }

    /// True when a trigger of `set` with this stem takes the file with it: one of the set by its parsed name,
    /// or one whose name cannot be parsed but says the same purpose, sender, date and sequence.
    public func belongs(to set: SetName, _ stem: Stem?) -> Bool {
        switch role {
        case .part(let name): name.set.isSameSet(as: set)
        case .plain, .stranger: self.stem != nil && self.stem == stem
        case .trigger, .brokenTrigger, .cancellation, .temporary: false
        }
    }

    /// The parsed name of an FI or FS that follows the convention.
    public var part: PartName? {
        guard case .part(let part) = role else { return nil }
        return part
    }

    /// The set of such an FI or FS.
    public var partSet: SetName? { part?.set }

    /// FI and FS a set has at most: nine each (domain 1.2).
    public static let mostParts = 18

    /// Of files a set would take, those it does take, in order: of names that cannot be parsed no more than a set has
    /// FI and FS, so that no set grows without bound. The others stay.
    public static func bounded(_ names: [FileName]) -> [FileName] {
        var unparsed = 0
        return names.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }.filter { name in
            if ArrivalName(name).partSet != nil { return true }
            unparsed += 1
            return unparsed <= mostParts
        }
    }
}

extension SetName {
    /// True when every FI is among these parts, and every FS where one is asked for (domain 1.3; in simulation an FS
    /// may be missing). Parts that announce another number of parts do not count.
    public func isComplete(with parts: some Sequence<PartName>) -> Bool {
        var declarations: Set<Int> = []
        var signatures: Set<Int> = []
        for part in parts where part.set.isSameSet(as: self) && part.set.parts == self.parts {
            switch part.kind {
            case .declaration: declarations.insert(part.part ?? 1)
            case .signature: signatures.insert(part.part ?? 1)
            case .trigger, .cancellation: break
            }
        }
        let needed = Set(1...declarationCount)
        return needed.isSubset(of: declarations)
            && (environment == .simulation || needed.isSubset(of: signatures))
    }
}
