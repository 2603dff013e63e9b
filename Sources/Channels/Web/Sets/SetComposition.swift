internal import Exchange

/// Which set the files of a request belong to, found from their names as they come (domain 1.2).
///
/// It refuses only what cannot be named: names outside the convention, and files of more than one set. Whether the
/// set is whole, and all it says, is for the decision.
struct SetComposition {
    enum Role: Hashable {
        /// An FI or FS, to be kept.
        case part
        /// The GO: what it holds is nobody's (domain 1.1).
        case trigger
    }

    enum Refusal: Error, Hashable {
        /// The name does not follow the convention; the codes are those of a receipt.
        case name(FileName, [ReceptionCode])
        case otherSet(FileName)
        case twice(FileName)
        /// Neither FI nor FS came.
        case nothing
    }

    /// Nil before the first file.
    private(set) var set: SetName?
    private var trigger: FileName?
    private var names: Set<FileName> = []
    private var hasParts: Bool { names.contains { $0 != trigger } }

    init() {}

    /// - Parameter set: what the files must belong to.
    init(set: SetName, trigger: FileName?) {
        self.set = set
        self.trigger = trigger
    }

    mutating func add(_ name: FileName) throws(Refusal) -> Role {
        let part = try SetComposition.part(name)
        if let set, !set.isSameSet(as: part.set) { throw .otherSet(name) }
        guard names.insert(name).inserted else { throw .twice(name) }
        if set == nil { set = part.set }
        guard part.kind == .trigger else { return .part }
        guard trigger == nil || trigger == name else { throw .otherSet(name) }
        trigger = name
        return .trigger
    }

    /// The name to seal the set under: that of its GO, or the one its GO would have.
    func sealName() throws(Refusal) -> FileName {
        guard hasParts, let name = trigger ?? set?.triggerName else { throw .nothing }
        return name
    }

    /// The name of an FI, FS or GO. A TD has no business where files come with the word that they are a set.
    static func part(_ name: FileName) throws(Refusal) -> PartName {
        let part: PartName
        do throws(PartName.Fault) {
            part = try PartName(name)
        } catch {
            throw .name(name, error.codes)
        }
        guard part.kind != .cancellation else { throw .name(name, [.wrongPrefix]) }
        return part
    }
}
