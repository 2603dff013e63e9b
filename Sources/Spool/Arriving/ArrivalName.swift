internal import Exchange

/// What the shape of a name tells the intake; whether the name is right is for the decision to say.
struct ArrivalName: Sendable {
    enum Role: Sendable {
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
    struct Stem: Hashable, Sendable {
        let bytes: [UInt8]
    }

    let role: Role
    /// Nil for temporary names and those with fewer than five elements.
    let stem: Stem?

    init(_ name: FileName) {
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
    var set: SetName? {
        switch role {
        case .part(let name): name.set
        case .trigger(let set), .cancellation(let set): set
        default: nil
        }
    }

    var isTrigger: Bool {
        switch role {
        case .trigger, .brokenTrigger: true
        default: false
        }
    }

    /// True when closing the file alone has something done.
    var tells: Bool {
        switch role {
        case .trigger, .brokenTrigger, .cancellation, .stranger: true
        case .part, .temporary, .plain: false
        }
    }

    /// True when a trigger of `set` with this stem takes the file with it: one of the set by its parsed name,
    /// or one whose name cannot be parsed but says the same purpose, sender, date and sequence.
    func belongs(to set: SetName, _ stem: Stem?) -> Bool {
        switch role {
        case .part(let name): name.set.isSameSet(as: set)
        case .plain, .stranger: self.stem != nil && self.stem == stem
        case .trigger, .brokenTrigger, .cancellation, .temporary: false
        }
    }
}
