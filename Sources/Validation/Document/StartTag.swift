internal import CLibXML2
internal import Glibc

/// The arguments of a SAX start-element event. The pointers live as long as the event; copies are made on
/// demand.
struct StartTag {
    private let localName: UnsafePointer<xmlChar>?
    private let uri: UnsafePointer<xmlChar>?
    private let attributes: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?
    let attributeCount: Int
    /// Namespaces declared on this element.
    let namespaceCount: Int

    init(
        name: UnsafePointer<xmlChar>?, namespace: UnsafePointer<xmlChar>?, declared: Int32, count: Int32,
        attributes: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?
    ) {
        localName = name
        uri = namespace
        self.attributes = attributes
        attributeCount = attributes == nil ? 0 : Int(count)
        namespaceCount = Int(declared)
    }

    var name: String { localName.map { String(cString: $0) } ?? "" }
    var namespace: String? { uri.map { String(cString: $0) } }
    /// The parser's own copy of the name: one address for each name, valid as long as the parser.
    var internedName: UnsafePointer<xmlChar>? { localName }

    /// True when the local name is `text`; makes no copy.
    func isNamed(_ text: StaticString) -> Bool {
        guard let localName else { return false }
        return strcmp(
            UnsafeRawPointer(localName).assumingMemoryBound(to: CChar.self),
            UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)) == 0
    }

    /// The value of an attribute, references resolved; nil when it is absent.
    func value(of name: String, in namespace: String?) -> String? {
        for index in 0..<attributeCount {
            let attribute = attribute(at: index)
            if attribute.name == name, attribute.namespace == namespace { return attribute.value }
        }
        return nil
    }

    private func attribute(at index: Int) -> (name: String?, namespace: String?, value: String) {
        guard let attributes else { return (nil, nil, "") }
        let fields = attributes + 5 * index
        return (
            fields[0].map { String(cString: $0) }, fields[2].map { String(cString: $0) },
            String(decoding: valueBytes(at: index), as: UTF8.self)
        )
    }

    private func valueBytes(at index: Int) -> UnsafeBufferPointer<UInt8> {
        guard let attributes, let start = attributes[5 * index + 3], let end = attributes[5 * index + 4],
            end >= start
        else { return UnsafeBufferPointer(start: nil, count: 0) }
        return UnsafeBufferPointer(start: start, count: end - start)
    }

    /// The sizes that limits apply to, in bytes.
    var longestName: Int {
        var longest = StartTag.length(localName)
        for index in 0..<attributeCount { longest = max(longest, StartTag.length(attributes?[5 * index])) }
        return longest
    }

    var longestValue: Int {
        var longest = 0
        for index in 0..<attributeCount { longest = max(longest, valueBytes(at: index).count) }
        return longest
    }

    private static func length(_ text: UnsafePointer<xmlChar>?) -> Int {
        text.map { Int(xmlStrlen($0)) } ?? 0
    }
}
