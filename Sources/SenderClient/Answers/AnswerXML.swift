internal import Exchange

/// Reads the XML of an answer, which comes from a stranger until its signature says otherwise: in memory of ours, with
/// bounds, without DTD, and knowing no entity but the five of XML.
///
/// Understood are elements, text, CDATA sections, comments and processing instructions in UTF-8, US-ASCII or
/// ISO-8859-1. What it does not understand is a fault.
struct AnswerXML {
    enum Event: Equatable {
        case start(String)
        /// Everything between two tags, references resolved.
        case text(String)
        case end
    }

    /// Why an answer cannot be read, in one English sentence without its bytes.
    struct Fault: Error, Equatable, CustomStringConvertible {
        let description: String

        init(_ description: String) {
            self.description = description
        }
    }

    /// Bytes of a document, open elements, attributes of an element, bytes of a name.
    static let longest = 4_194_304
    static let deepest = 64
    private static let mostAttributes = 64
    private static let longestName = 200

    private let bytes: [UInt8]
    private var place = 0
    private var open: [String] = []
    private var text: [UInt8] = []
    private let take: (Event) -> Void

    /// Hands the document to `take`, event by event.
    static func read(_ bytes: [UInt8], _ take: @escaping (Event) -> Void) throws(Fault) {
        guard bytes.count <= longest else { throw Fault("it is longer than \(longest) bytes") }
        var reader = AnswerXML(bytes: try AnswerEncoding.utf8(bytes), take: take)
        try reader.readDocument()
    }

    private init(bytes: [UInt8], take: @escaping (Event) -> Void) {
        self.bytes = bytes
        self.take = take
    }

    private mutating func readDocument() throws(Fault) {
        try readBetween()
        guard current == 0x3C else { throw Fault("it has no root element") }
        try readTag()
        while !open.isEmpty { try readContent() }
        try readBetween()
        guard place == bytes.count else { throw Fault("something follows the root element") }
    }

    /// Blanks, comments and instructions outside the root.
    private mutating func readBetween() throws(Fault) {
        while true {
            skipBlanks()
            if skip("<?") {
                try pass("?>")
            } else if skip("<!--") {
                try pass("-->")
            } else if has("<!") {
                throw Fault("a document type declaration is not taken")
            } else {
                return
            }
        }
    }

    private mutating func readContent() throws(Fault) {
        guard let byte = current else { throw Fault("it ends inside an element") }
        if byte == 0x26 {
            try readReference()
        } else if byte != 0x3C {
            text.append(byte)
            place += 1
        } else if skip("<!--") {
            try pass("-->")
        } else if skip("<![CDATA[") {
            let start = place
            try pass("]]>")
            text += bytes[start..<(place - 3)]
        } else if skip("<?") {
            try pass("?>")
        } else if skip("</") {
            try readEnd()
        } else {
            try readTag()
        }
    }

    private mutating func readReference() throws(Fault) {
        guard let end = bytes[place...].prefix(12).firstIndex(of: 0x3B) else {
            throw Fault("a reference does not end")
        }
        let name = String(decoding: bytes[(place + 1)..<end], as: UTF8.self)
        place = end + 1
        let named: [String: String] = ["amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'"]
        if let value = named[name] {
            text += value.utf8
            return
        }
        let isHexadecimal = name.hasPrefix("#x")
        let digits = name.dropFirst(isHexadecimal ? 2 : 1)
        guard name.hasPrefix("#"), digits.utf8.allSatisfy({ $0 != 0x2B && $0 != 0x2D }),
            let number = UInt32(digits, radix: isHexadecimal ? 16 : 10), number != 0,
            let scalar = UnicodeScalar(number)
        else { throw Fault("it refers to an entity, which is not taken") }
        text += String(Character(scalar)).utf8
    }

    private mutating func readTag() throws(Fault) {
        giveText()
        place += 1
        let name = try readName()
        guard open.count < AnswerXML.deepest else { throw Fault("its elements are nested too deep") }
        var attributes = 0
        while true {
            let hadBlank = skipBlanks()
            if skip("/>") {
                take(.start(name))
                take(.end)
                return
            }
            if skip(">") {
                open.append(name)
                take(.start(name))
                return
            }
            attributes += 1
            guard hadBlank, attributes <= AnswerXML.mostAttributes else { throw Fault("a tag is malformed") }
            try passAttribute()
        }
    }

    private mutating func passAttribute() throws(Fault) {
        _ = try readName()
        skipBlanks()
        guard skip("=") else { throw Fault("an attribute has no value") }
        skipBlanks()
        guard let quote = current, quote == 0x22 || quote == 0x27,
            let end = bytes[(place + 1)...].firstIndex(of: quote), !bytes[place..<end].contains(0x3C)
        else { throw Fault("the value of an attribute is malformed") }
        place = end + 1
    }

    private mutating func readEnd() throws(Fault) {
        giveText()
        let name = try readName()
        skipBlanks()
        guard skip(">"), open.popLast() == name else { throw Fault("an end tag belongs to another element") }
        take(.end)
    }

    private mutating func readName() throws(Fault) -> String {
        let name = bytes[place...].prefix(AnswerXML.longestName + 1).prefix { byte in
            byte.isDigit || byte.isCapital || (0x61...0x7A).contains(byte)
                || [0x2D, 0x2E, 0x3A, 0x5F].contains(byte)
                || byte >= 0x80
        }
        guard let first = name.first, !first.isDigit, first != 0x2D, first != 0x2E,
            name.count <= AnswerXML.longestName
        else { throw Fault("a name in it is malformed") }
        place += name.count
        return String(decoding: name, as: UTF8.self)
    }

    private mutating func giveText() {
        guard !text.isEmpty else { return }
        take(.text(String(decoding: text, as: UTF8.self)))
        text.removeAll(keepingCapacity: true)
    }

    private var current: UInt8? { place < bytes.count ? bytes[place] : nil }

    private func has(_ mark: StaticString) -> Bool {
        mark.withUTF8Buffer { bytes[place...].starts(with: $0) }
    }

    private mutating func skip(_ mark: StaticString) -> Bool {
        guard has(mark) else { return false }
        place += mark.utf8CodeUnitCount
        return true
    }

    /// Just behind the next `mark`.
    private mutating func pass(_ mark: StaticString) throws(Fault) {
        while place < bytes.count {
            if skip(mark) { return }
            place += 1
        }
        throw Fault("something in it does not end")
    }

    /// False when there was none.
    @discardableResult private mutating func skipBlanks() -> Bool {
        let start = place
        while let byte = current, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { place += 1 }
        return place > start
    }
}
