internal import Exchange

/// Which files of a watched directory are ready to be handed in, told by names alone: readiness is the GO, never a
/// size or an age.
struct FolderSet {
    /// Handed in before the trigger.
    let parts: [FileName]
    /// The GO or TD, or a name that is answered on its own.
    let trigger: FileName
    /// False when the trigger came before files its name promises.
    let isComplete: Bool

    /// Everything, in the order it is handed in.
    var files: [FileName] { parts + [trigger] }

    /// The sets among these names that have their trigger.
    static func ready(among names: [FileName]) -> [FolderSet] {
        names.filter { $0.isTelling }.map { trigger in
            let parts = names.filter {
                trigger.takesParts && !$0.isTelling && !$0.isTemporary && $0.number == trigger.number
            }
            return FolderSet(parts: parts, trigger: trigger, isComplete: isComplete(parts, trigger))
        }
    }

    private static func isComplete(_ parts: [FileName], _ trigger: FileName) -> Bool {
        guard let name = try? PartName(trigger), name.kind == .trigger else { return true }
        let named = parts.compactMap { try? PartName($0) }.filter { $0.set.isSameSet(as: name.set) }
        let declarations = named.filter { $0.kind == .declaration }.count
        let signatures = named.filter { $0.kind == .signature }.count
        let wanted = name.set.declarationCount
        return declarations >= wanted && (signatures >= wanted || name.set.environment == .simulation)
    }
}

extension FileName {
    private var elements: [ArraySlice<UInt8>] {
        bytes.split(separator: 0x2E, omittingEmptySubsequences: false)
    }

    /// Purpose, sender, date and sequence as written: what the files of one set share even when a name is malformed.
    var number: [ArraySlice<UInt8>]? {
        let elements = elements
        return elements.count >= 5 ? Array(elements[1...4]) : nil
    }

    /// A GO or TD with a number: the files of that number go with it.
    var takesParts: Bool {
        number != nil && ["GO", "TD"].contains(String(decoding: elements[0], as: UTF8.self))
    }

    /// A name under which clients upload before renaming: never looked at.
    var isTemporary: Bool {
        let text = escaped.lowercased()
        return bytes.first == 0x2E
            || [".filepart", ".part", ".tmp", ".partial", "%7e"].contains { text.hasSuffix($0) }
    }

    /// A GO, a TD, or a name of the convention's shape with another prefix than FI and FS: its arrival has an effect.
    var isTelling: Bool {
        guard !isTemporary, let prefix = elements.first, prefix.count == 2, prefix.allSatisfy(\.isCapital)
        else { return false }
        switch String(decoding: prefix, as: UTF8.self) {
        case "FI", "FS": return false
        case "GO": return true
        default: return (6...8).contains(elements.count)
        }
    }
}
