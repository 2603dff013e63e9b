@testable import Validation

/// A message as elements inside elements, so that a mutation may change one and leave the lengths around it right.
indirect enum MessageTree {
    /// How the length of an element is written.
    enum Length {
        case shortest
        /// Four octets, most of them zero.
        case long
        case indefinite
        /// Wrong by so much.
        case wrong(Int)
    }

    case bytes(tag: UInt8, [UInt8], Length = .shortest)
    case elements(tag: UInt8, [MessageTree], Length = .shortest)

    /// Nil when the bytes are not one element.
    init?(_ bytes: [UInt8]) {
        guard let element = BERElement(whole: bytes) else { return nil }
        self.init(element)
    }

    private init(_ element: BERElement) {
        if let children = element.children {
            self = .elements(tag: element.tag, children.map { MessageTree($0) })
        } else {
            self = .bytes(tag: element.tag, Array(element.contents))
        }
    }

    var encoded: [UInt8] {
        switch self {
        case .bytes(let tag, let contents, let length): MessageTree.encode(tag, contents, length)
        case .elements(let tag, let children, let length):
            MessageTree.encode(tag, children.flatMap(\.encoded), length)
        }
    }

    private static func encode(_ tag: UInt8, _ contents: [UInt8], _ length: Length) -> [UInt8] {
        switch length {
        case .shortest: DER.element(tag, contents)
        case .long:
            [tag, 0x84] + withUnsafeBytes(of: UInt32(contents.count).bigEndian) { Array($0) } + contents
        case .indefinite: [tag, 0x80] + contents + [0, 0]
        case .wrong(let difference):
            [tag, 0x82]
                + withUnsafeBytes(of: UInt16(clamping: contents.count + difference).bigEndian) { Array($0) }
                + contents
        }
    }

    /// How many elements there are, this one included.
    var count: Int {
        if case .elements(_, let children, _) = self { children.reduce(1) { $0 + $1.count } } else { 1 }
    }

    /// The element at a place in reading order, 0 for this one.
    subscript(place: Int) -> MessageTree {
        get {
            guard place > 0, case .elements(_, let children, _) = self else { return self }
            var left = place - 1
            for child in children {
                if left < child.count { return child[left] }
                left -= child.count
            }
            return self
        }
        set {
            guard place > 0, case .elements(let tag, var children, let length) = self else {
                self = newValue
                return
            }
            var left = place - 1
            for index in children.indices {
                let count = children[index].count
                if left < count {
                    children[index][left] = newValue
                    break
                }
                left -= count
            }
            self = .elements(tag: tag, children, length)
        }
    }
}
