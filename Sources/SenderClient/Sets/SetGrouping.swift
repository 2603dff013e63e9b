internal import Exchange
internal import Foundation

/// Finds the sets among files and directories named on a command line.
public struct SetGrouping {
    /// Why files cannot be sent as they are named, in one English sentence.
    public enum Fault: Error, Sendable, Hashable, CustomStringConvertible {
        case notFound(String)
        case notSendable(String)

        public var description: String {
            switch self {
            case .notFound(let sentence), .notSendable(let sentence): sentence
            }
        }
    }

    private var found: [(name: SetName, parts: [(part: Int?, declaration: DeclarationSet.Declaration)])] = []

    private init() {}

    /// The sets the FI files among `paths` belong to, in the order met; each directory stands for the FI files right in
    /// it. FS, GO and TD files that come along, as a pattern of the shell brings them, say nothing by themselves.
    ///
    /// - Throws: `.notFound` for what is not there, and when there is no FI file at all; `.notSendable` for a name that
    ///   does not follow the convention, a set with a part missing or twice, or with two totals.
    public static func sets(at paths: [String]) throws(Fault) -> [DeclarationSet] {
        var grouping = SetGrouping()
        for path in paths {
            var isDirectory: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
                throw .notFound("\(Shown.text(path)) is not there")
            }
            if isDirectory.boolValue {
                for name in try names(in: path) { try grouping.add(path + "/" + name) }
            } else {
                try grouping.add(path)
            }
        }
        guard !grouping.found.isEmpty else {
            throw .notFound("there is no FI file among what was given; the FS files are found by their names")
        }
        var sets: [DeclarationSet] = []
        for group in grouping.found { sets.append(try set(group.name, group.parts)) }
        return sets
    }

    private static func names(in directory: String) throws(Fault) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: directory).filter {
                $0.hasPrefix("FI.")
            }.sorted()
        } catch {
            throw .notFound("\(Shown.text(directory)) cannot be read")
        }
    }

    private mutating func add(_ path: String) throws(Fault) {
        let text = String(path[(path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex)...])
        guard let name = FileName(text) else {
            throw .notSendable("\(Shown.text(text)) is not the name of an FI file")
        }
        let part: PartName
        do {
            part = try PartName(name)
        } catch {
            let sentences = error.codes.map { "\($0.errorID) \($0.sentence(in: .en))" }
            throw .notSendable("\(name): \(sentences.joined(separator: " "))")
        }
        guard part.kind == .declaration else { return }
        let declaration = DeclarationSet.Declaration(
            name: name, path: path, size: try SetGrouping.size(of: path))
        if let index = found.firstIndex(where: { $0.name.isSameSet(as: part.set) }) {
            guard found[index].name == part.set else {
                throw .notSendable("\(name): another file of the same set names another number of parts")
            }
            found[index].parts.append((part.part, declaration))
        } else {
            found.append((part.set, [(part.part, declaration)]))
        }
    }

    private static func size(of path: String) throws(Fault) -> UInt64 {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            attributes[.type] as? FileAttributeType == .typeRegular
                || attributes[.type] as? FileAttributeType == .typeSymbolicLink,
            let handle = FileHandle(forReadingAtPath: path), let size = try? handle.seekToEnd()
        else { throw .notFound("\(Shown.text(path)) cannot be read") }
        return size
    }

    private static func set(
        _ name: SetName, _ parts: [(part: Int?, declaration: DeclarationSet.Declaration)]
    ) throws(Fault) -> DeclarationSet {
        let trigger = name.triggerName?.escaped ?? ""
        let numbers = parts.map { $0.part ?? 1 }
        guard Set(numbers).count == numbers.count else {
            throw .notSendable("\(trigger): the same part was given twice")
        }
        let missing = (1...name.declarationCount).filter { !numbers.contains($0) }
        guard missing.isEmpty else {
            let words = missing.map(String.init).joined(separator: ", ")
            throw .notSendable("\(trigger): of its \(name.declarationCount) parts \(words) is missing")
        }
        guard numbers.allSatisfy({ (1...name.declarationCount).contains($0) }) else {
            throw .notSendable("\(trigger): a part has a number outside 1 to \(name.declarationCount)")
        }
        let ordered = parts.sorted { ($0.part ?? 1) < ($1.part ?? 1) }
        return DeclarationSet(name: name, declarations: ordered.map(\.declaration))
    }
}
