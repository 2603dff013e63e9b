/// A JSON document as a value, written in Swift literals. Members keep their order.
enum JSONValue: Sendable, Hashable {
    case object([Member])
    case array([JSONValue])
    case string(String)
    case integer(Int64)
    case boolean(Bool)
    case null

    struct Member: Sendable, Hashable {
        let name: String
        let value: JSONValue
    }

    /// Members in the order given; later ones of the same name are kept too, so do not repeat names.
    static func object(_ members: [(String, JSONValue)]) -> JSONValue {
        .object(members.map { Member(name: $0.0, value: $0.1) })
    }

    /// The value of the first member of this name; nil when there is none, or this is no object.
    subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// UTF-8 (RFC 8259), without white space.
    var text: String {
        switch self {
        case .object(let members):
            "{" + members.map { JSONValue.quoted($0.name) + ":" + $0.value.text }.joined(separator: ",") + "}"
        case .array(let elements): "[" + elements.map(\.text).joined(separator: ",") + "]"
        case .string(let string): JSONValue.quoted(string)
        case .integer(let integer): String(integer)
        case .boolean(let boolean): String(boolean)
        case .null: "null"
        }
    }

    /// The same for people: every member and element on a line of its own.
    func indentedText(by depth: Int = 0) -> String {
        let margin = "\n" + String(repeating: "  ", count: depth)
        func lines(_ pieces: [String]) -> String {
            pieces.map { margin + "  " + $0 }.joined(separator: ",") + margin
        }
        return switch self {
        case .object(let members) where !members.isEmpty:
            "{"
                + lines(
                    members.map { "\(JSONValue.quoted($0.name)): \($0.value.indentedText(by: depth + 1))" })
                + "}"
        case .array(let elements) where !elements.isEmpty:
            "[" + lines(elements.map { $0.indentedText(by: depth + 1) }) + "]"
        default: text
        }
    }

    private static func quoted(_ string: String) -> String {
        var text = "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            // C0 by rule; DEL and what ends a line in JavaScript for the reader's sake.
            case "\u{00}"..<"\u{20}", "\u{7F}", "\u{2028}", "\u{2029}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}

extension JSONValue: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral,
    ExpressibleByStringInterpolation,
    ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
    init(dictionaryLiteral members: (String, JSONValue)...) { self = .object(members) }
    init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    init(stringLiteral string: String) { self = .string(string) }
    init(integerLiteral integer: Int64) { self = .integer(integer) }
    init(booleanLiteral boolean: Bool) { self = .boolean(boolean) }
    init(nilLiteral: ()) { self = .null }
}
