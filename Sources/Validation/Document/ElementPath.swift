internal import CLibXML2

/// Where in a document the parser is: the open elements, each with its number among siblings of the same
/// name.
///
/// An element that ended stays in the path until the next event: a schema tells what is wrong with an
/// element's content only after its end. Names are the parser's own copies, alive as long as the parser and
/// compared by address.
struct ElementPath {
    /// Different names counted under one parent; the number is left out for any further name. Bounds memory
    /// and time.
    private static let distinctNames = 128

    private struct Frame {
        var name: UnsafePointer<xmlChar>?
        var number = 1
        var children: [(name: UnsafePointer<xmlChar>?, count: Int)] = []

        mutating func count(_ child: UnsafePointer<xmlChar>?) -> Int {
            if let index = children.lastIndex(where: { $0.name == child }) {
                children[index].count += 1
                return children[index].count
            }
            if children.count < ElementPath.distinctNames { children.append((child, 1)) }
            return 1
        }
    }

    /// The document itself, then the open elements; frames beyond `depth` are kept for their memory.
    private var frames = [Frame()]
    private var isLeaving = false
    /// Open elements, one that just ended included.
    private(set) var depth = 0

    /// Forgets the element that ended.
    mutating func settle() {
        guard isLeaving else { return }
        isLeaving = false
        depth -= 1
    }

    mutating func enter(_ name: UnsafePointer<xmlChar>?) {
        settle()
        let number = frames[depth].count(name)
        depth += 1
        if frames.count == depth { frames.append(Frame()) }
        frames[depth].name = name
        frames[depth].number = number
        frames[depth].children.removeAll(keepingCapacity: true)
    }

    mutating func leave() {
        settle()
        isLeaving = depth > 0
    }

    /// The name of the innermost element.
    var name: String { depth == 0 ? "" : ElementPath.text(frames[depth].name) }

    /// Such as `/Dimona/Form[2]/DimonaIn`; `/` outside the root.
    var description: String {
        guard depth > 0 else { return "/" }
        return frames[1...depth].reduce(into: "") { path, frame in
            path += "/" + ElementPath.text(frame.name)
            if frame.number > 1 { path += "[\(frame.number)]" }
        }
    }

    private static func text(_ name: UnsafePointer<xmlChar>?) -> String {
        PlainText.escaped(name.map { String(cString: $0) } ?? "", limit: PlainText.longestEcho)
    }
}
