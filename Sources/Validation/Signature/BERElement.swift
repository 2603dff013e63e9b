/// One element of ASN.1 in the Basic Encoding Rules (X.690), definite or indefinite length, found in bytes of
/// a stranger. It shares their storage.
///
/// Bounds: lengths of at most four octets that fit what is there, tags below 31, indefinite lengths nested at
/// most `deepest` times.
struct BERElement {
    /// The identifier octet: class, constructed bit and number.
    let tag: UInt8
    let contents: ArraySlice<UInt8>
    /// Identifier, length, contents and, with an indefinite length, the two zeros at the end.
    let whole: ArraySlice<UInt8>

    static let integer: UInt8 = 0x02
    static let octets: UInt8 = 0x04
    static let null: UInt8 = 0x05
    static let identifier: UInt8 = 0x06
    static let sequence: UInt8 = 0x30
    static let set: UInt8 = 0x31

    /// How deep elements may be nested.
    static let deepest = 24

    /// Nil unless `bytes` are one element and nothing after it.
    init?(whole bytes: [UInt8]) {
        var reader = BERReader(bytes[...])
        guard let element = reader.next(), reader.isAtEnd else { return nil }
        self = element
    }

    init(tag: UInt8, contents: ArraySlice<UInt8>, whole: ArraySlice<UInt8>) {
        self.tag = tag
        self.contents = contents
        self.whole = whole
    }

    /// The elements inside; nil when the element is primitive or what is inside is malformed.
    var children: [BERElement]? {
        guard tag & 0x20 != 0 else { return nil }
        var reader = BERReader(contents)
        var children: [BERElement] = []
        while !reader.isAtEnd {
            guard let child = reader.next() else { return nil }
            children.append(child)
        }
        return children
    }

    /// The element with definite, shortest lengths throughout and `tag` in place of its own; nil when what is
    /// inside is malformed. DER comes back as it was.
    func definite(tag newTag: UInt8? = nil, depth: Int = 0) -> [UInt8]? {
        guard depth < BERElement.deepest else { return nil }
        guard tag & 0x20 != 0 else { return DER.element(newTag ?? tag, contents) }
        guard let children else { return nil }
        var body: [UInt8] = []
        for child in children {
            guard let bytes = child.definite(depth: depth + 1) else { return nil }
            body += bytes
        }
        return DER.element(newTag ?? tag, body)
    }
}

/// Reads elements one after the other.
struct BERReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) {
        rest = bytes
    }

    var isAtEnd: Bool { rest.isEmpty }

    /// The next element; nil at the end and when it is malformed.
    mutating func next() -> BERElement? {
        next(depth: 0)
    }

    private mutating func next(depth: Int) -> BERElement? {
        guard depth < BERElement.deepest, rest.count >= 2 else { return nil }
        let start = rest.startIndex
        let tag = rest[start]
        guard tag & 0x1F != 0x1F, tag != 0 else { return nil }
        let first = rest[start + 1]
        let body = rest[(start + 2)...]
        if first == 0x80 { return indefinite(tag: tag, start: start, body: body, depth: depth) }
        guard let (length, header) = BERReader.length(first, body) else { return nil }
        let contents = body.dropFirst(header)
        guard length <= contents.count else { return nil }
        let end = contents.startIndex + length
        let element = BERElement(tag: tag, contents: contents[..<end], whole: rest[..<end])
        rest = rest[end...]
        return element
    }

    /// The length and the number of octets it takes after its first.
    private static func length(_ first: UInt8, _ body: ArraySlice<UInt8>) -> (length: Int, header: Int)? {
        if first < 0x80 { return (Int(first), 0) }
        let count = Int(first & 0x7F)
        // As OpenSSL has it, which wants a byte to follow: a long form of no contents at the end of everything is none.
        guard (1...4).contains(count), body.count > count else { return nil }
        return (body.prefix(count).reduce(0) { $0 << 8 | Int($1) }, count)
    }

    private mutating func indefinite(tag: UInt8, start: Int, body: ArraySlice<UInt8>, depth: Int)
        -> BERElement?
    {
        guard tag & 0x20 != 0 else { return nil }
        var inside = BERReader(body)
        while !inside.rest.starts(with: [0, 0]) {
            guard inside.next(depth: depth + 1) != nil else { return nil }
        }
        let end = inside.rest.startIndex
        let element = BERElement(tag: tag, contents: body[..<end], whole: rest[..<(end + 2)])
        rest = rest[(end + 2)...]
        return element
    }
}

/// Writes elements in the Distinguished Encoding Rules (X.690).
enum DER {
    static func element(_ tag: UInt8, _ contents: some Collection<UInt8>) -> [UInt8] {
        var bytes = [tag]
        bytes.reserveCapacity(contents.count + 6)
        if contents.count < 0x80 {
            bytes.append(UInt8(contents.count))
        } else {
            let length = withUnsafeBytes(of: contents.count.bigEndian) { Array($0.drop { $0 == 0 }) }
            bytes.append(0x80 | UInt8(length.count))
            bytes += length
        }
        bytes += contents
        return bytes
    }

    static func sequence(_ elements: [UInt8]...) -> [UInt8] {
        element(BERElement.sequence, elements.flatMap(\.self))
    }
    static func identifier(_ contents: [UInt8]) -> [UInt8] { element(BERElement.identifier, contents) }
    static let null: [UInt8] = [BERElement.null, 0]

    /// A SET OF: its elements in ascending order of their encodings.
    static func set(_ elements: [[UInt8]], tag: UInt8 = BERElement.set) -> [UInt8] {
        element(tag, elements.sorted { $0.lexicographicallyPrecedes($1) }.flatMap(\.self))
    }
}
