import Foundation

/// As much of JSON Schema as `docs/manifest.schema.json` uses; any other keyword is a fault of the schema.
struct JSONSchema {
    private let root: [String: Any]
    private static let notes: Set<String> = ["$schema", "$id", "$defs", "title", "description", "format"]

    init(at url: URL) throws {
        guard let root = try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any]
        else {
            throw CorpusFault(sentence: "\(url.path) is no schema")
        }
        self.root = root
    }

    static func manifest() throws -> JSONSchema {
        try JSONSchema(at: Repository.root.appendingPathComponent("docs/manifest.schema.json"))
    }

    /// What in the document does not keep the schema; empty when it is valid.
    func faults(in json: Data) throws -> [String] {
        try faults(JSONSerialization.jsonObject(with: json, options: .fragmentsAllowed), root, at: "")
    }

    private func faults(_ value: Any, _ schema: [String: Any], at path: String) -> [String] {
        schema.sorted { $0.key < $1.key }.flatMap { keyword, rule in
            JSONSchema.notes.contains(keyword) ? [] : faults(value, keyword, rule, schema, at: path)
        }
    }

    private func faults(
        _ value: Any, _ keyword: String, _ rule: Any, _ schema: [String: Any], at path: String
    ) -> [String] {
        let fault = ["\(path) breaks \(keyword): \(value)"]
        switch keyword {
        case "$ref": return faults(value, definition(rule), at: path)
        case "type": return JSONSchema.isOf(rule as? String, value) ? [] : fault
        case "const": return "\(value)" == "\(rule)" ? [] : fault
        case "enum": return (rule as? [Any] ?? []).contains { "\($0)" == "\(value)" } ? [] : fault
        case "pattern":
            guard let text = value as? String, let pattern = rule as? String else { return fault }
            return text.range(of: pattern, options: .regularExpression) == nil ? fault : []
        case "minLength", "minItems", "minimum":
            return JSONSchema.measure(value) >= JSONSchema.number(rule) ? [] : fault
        case "maxLength", "maxItems": return JSONSchema.measure(value) <= JSONSchema.number(rule) ? [] : fault
        case "items":
            return (value as? [Any] ?? []).enumerated().flatMap { index, item in
                faults(item, rule as? [String: Any] ?? [:], at: "\(path)/\(index)")
            }
        case "required":
            let members = value as? [String: Any] ?? [:]
            return (rule as? [String] ?? []).filter { members[$0] == nil }.map { "\(path) lacks \($0)" }
        case "properties", "additionalProperties":
            return members(value, schema, isNamed: keyword == "properties", at: path)
        default: return ["the schema has the unknown keyword \(keyword)"]
        }
    }

    /// Members that the schema names are judged by their own rule, others by `additionalProperties`.
    private func members(_ value: Any, _ schema: [String: Any], isNamed: Bool, at path: String) -> [String] {
        let named = schema["properties"] as? [String: Any] ?? [:]
        let others = schema["additionalProperties"] as? [String: Any] ?? [:]
        return (value as? [String: Any] ?? [:]).sorted { $0.key < $1.key }.flatMap {
            name, member -> [String] in
            guard (named[name] != nil) == isNamed else { return [] }
            let rule = isNamed ? named[name] as? [String: Any] ?? [:] : others
            return faults(member, rule, at: "\(path)/\(name)")
        }
    }

    private func definition(_ reference: Any) -> [String: Any] {
        let name = (reference as? String ?? "").replacing("#/$defs/", with: "")
        return (root["$defs"] as? [String: Any])?[name] as? [String: Any] ?? ["missing": name]
    }

    private static func isOf(_ type: String?, _ value: Any) -> Bool {
        switch type {
        case "object": value is [String: Any]
        case "array": value is [Any]
        case "string": value is String
        case "integer": value is Int
        default: false
        }
    }

    private static func measure(_ value: Any) -> Double {
        switch value {
        case let text as String: Double(text.unicodeScalars.count)
        case let list as [Any]: Double(list.count)
        default: number(value)
        }
    }

    private static func number(_ value: Any) -> Double { (value as? NSNumber)?.doubleValue ?? .nan }
}
