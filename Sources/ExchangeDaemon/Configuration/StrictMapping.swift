internal import Foundation
internal import Yams

/// A YAML mapping of which every key must be asked for: what nobody asked for is refused by `close`.
final class StrictMapping {
    let file: String
    let path: String
    private let entries: [String: (key: Node, value: Node)]
    private var asked: Set<String> = []

    /// Reads a whole file; an empty one is an empty mapping.
    convenience init(file: String) throws(ConfigurationFault) {
        guard let bytes = FileManager.default.contents(atPath: file) else {
            throw ConfigurationFault(file: file, line: nil, key: nil, sentence: "the file cannot be read")
        }
        do {
            try self.init(
                Yams.compose(yaml: String(decoding: bytes, as: UTF8.self)) ?? Node.mapping([:]), file: file,
                path: "")
        } catch let fault as ConfigurationFault {
            throw fault
        } catch let error as YamlError {
            throw StrictMapping.fault(error, in: file)
        } catch {
            throw ConfigurationFault(file: file, line: nil, key: nil, sentence: "\(error)")
        }
    }

    init(_ node: Node, file: String, path: String) throws(ConfigurationFault) {
        self.file = file
        self.path = path
        guard case .mapping(let mapping) = node else {
            let key = path.isEmpty ? nil : String(path.dropLast())
            throw ConfigurationFault(
                file: file, line: node.mark?.line, key: key, sentence: "a mapping is wanted here")
        }
        var entries: [String: (key: Node, value: Node)] = [:]
        for (key, value) in mapping {
            let name = key.string ?? ""
            guard entries.updateValue((key, value), forKey: name) == nil else {
                throw ConfigurationFault(
                    file: file, line: key.mark?.line, key: path + name, sentence: "the key stands here twice")
            }
        }
        self.entries = entries
    }

    /// A file that is named under a key, with what is to be said when it cannot be read.
    struct NamedFile {
        let path: String
        let fault: ConfigurationFault
    }

    func file(_ key: String, at path: String) -> NamedFile {
        NamedFile(path: path, fault: fault(key, "\(path) cannot be read"))
    }

    private static func fault(_ error: YamlError, in file: String) -> ConfigurationFault {
        switch error {
        case .duplicatedKeysInMapping(let duplicates, let context):
            ConfigurationFault(
                file: file, line: context.mark.line, key: duplicates.first,
                sentence: "the key stands here twice")
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            ConfigurationFault(file: file, line: mark.line, key: nil, sentence: "not YAML: \(problem)")
        default:
            ConfigurationFault(file: file, line: nil, key: nil, sentence: "not YAML: \(error)")
        }
    }

    var keys: [String] { entries.keys.sorted() }

    func fault(_ key: String, _ sentence: String) -> ConfigurationFault {
        ConfigurationFault(
            file: file, line: entries[key]?.key.mark?.line, key: path + key, sentence: sentence)
    }

    private func node(_ key: String) -> Node? {
        asked.insert(key)
        return entries[key]?.value
    }

    /// The mapping under a key; an empty one when the key is missing.
    func mapping(_ key: String) throws(ConfigurationFault) -> StrictMapping {
        try StrictMapping(node(key) ?? .mapping([:]), file: file, path: path + key + ".")
    }

    func string(_ key: String) throws(ConfigurationFault) -> String? {
        guard let node = node(key) else { return nil }
        guard case .scalar(let scalar) = node else { throw fault(key, "one value is wanted here") }
        return scalar.string
    }

    func strings(_ key: String) throws(ConfigurationFault) -> [String]? {
        guard let node = node(key) else { return nil }
        guard case .sequence(let sequence) = node else { throw fault(key, "a list is wanted here") }
        return try sequence.map { item throws(ConfigurationFault) in
            guard case .scalar(let scalar) = item else {
                throw fault(key, "a list of plain values is wanted here")
            }
            return scalar.string
        }
    }

    func mappings(_ key: String) throws(ConfigurationFault) -> [StrictMapping]? {
        guard let node = node(key) else { return nil }
        guard case .sequence(let sequence) = node else { throw fault(key, "a list is wanted here") }
        var mappings: [StrictMapping] = []
        for (index, item) in sequence.enumerated() {
            mappings.append(try StrictMapping(item, file: file, path: "\(path)\(key)[\(index)]."))
        }
        return mappings
    }

    func integer(_ key: String, in range: ClosedRange<Int>) throws(ConfigurationFault) -> Int? {
        guard let text = try string(key) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw fault(
                key, "a whole number from \(range.lowerBound) to \(range.upperBound) is wanted, not '\(text)'"
            )
        }
        return number
    }

    func choice<Value>(_ key: String, _ values: KeyValuePairs<String, Value>) throws(ConfigurationFault)
        -> Value?
    {
        guard let text = try string(key) else { return nil }
        guard let match = values.first(where: { $0.key == text }) else {
            throw fault(key, "one of \(values.map(\.key).joined(separator: ", ")) is wanted, not '\(text)'")
        }
        return match.value
    }

    /// Seconds.
    func duration(_ key: String, in range: ClosedRange<Double>) throws(ConfigurationFault) -> Double? {
        guard let text = try string(key) else { return nil }
        guard let seconds = StrictMapping.seconds(text), range.contains(seconds) else {
            throw fault(
                key,
                "a duration such as 500 ms, 30 s, 5 min, 24 h or 30 d in its range is wanted, not '\(text)'")
        }
        return seconds
    }

    /// The seconds of `30 s` or `24h`; nil when it is no such thing.
    static func seconds(_ text: String) -> Double? {
        let units = ["ms": 0.001, "s": 1, "min": 60, "h": 3600, "d": 86_400]
        guard let (number, unit) = quantity(text), let factor = units[unit] else { return nil }
        return number * factor
    }

    /// Bytes.
    func size(_ key: String) throws(ConfigurationFault) -> Int64? {
        let units: [String: Double] = [
            "B": 1, "KB": 1e3, "MB": 1e6, "GB": 1e9, "KiB": 1024, "MiB": 1_048_576, "GiB": 1_073_741_824,
        ]
        guard let text = try string(key) else { return nil }
        guard let (number, unit) = StrictMapping.quantity(text), let factor = units[unit], number >= 0,
            number * factor <= 1e15
        else { throw fault(key, "a size such as 20 KB, 35 MB or 256 MiB is wanted, not '\(text)'") }
        return Int64(number * factor)
    }

    private static func quantity(_ text: String) -> (Double, String)? {
        let digits = text.prefix { $0.isNumber || $0 == "." }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }
        guard let number = Double(digits), !unit.isEmpty else { return nil }
        return (number, String(unit))
    }

    /// Refuses the first key nobody asked for.
    func close() throws(ConfigurationFault) {
        let unknown = entries.filter { !asked.contains($0.key) }
        let first = unknown.min { ($0.value.key.mark?.line ?? 0) < ($1.value.key.mark?.line ?? 0) }
        if let first { throw fault(first.key, "unknown key") }
    }
}
