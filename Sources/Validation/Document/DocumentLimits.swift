/// What a document may cost. Each limit is its own, because libxml2's are off or too wide for a parser that
/// is fed in pieces. The size of the file is limited before, by the size phase.
public struct DocumentLimits: Sendable {
    /// Elements inside each other, the root included.
    public var depth = 64
    /// Attributes on one element.
    public var attributes = 64
    /// Namespaces declared on all elements that are open at one point. libxml2 2.9 looks each prefix up among all of
    /// them one by one.
    public var namespaces = 64
    /// Bytes, in UTF-8, of the text of one element, of one attribute value, and of one tag, comment or
    /// instruction.
    public var textBytes = 64 * 1024
    /// Bytes, in UTF-8, of the name of an element or attribute.
    public var nameBytes = 256
    /// Findings told about one document; judging stops when there are as many.
    public var findings = 100

    public init() {}
}
