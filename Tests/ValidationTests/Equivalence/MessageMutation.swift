@testable import Validation

/// Changes to a message, as chance has it.
enum MessageMutation: CaseIterable {
    case bits, bytes, cut, insertion, removal, repetition
    case length, swapped, dropped, doubled, tag, content, transplant, form, text

    /// - Parameter donor: another message, whose elements may be put in.
    func apply(
        to message: [UInt8], donor: [UInt8], _ random: inout some RandomNumberGenerator
    ) -> [UInt8] {
        var bytes = message
        let place = Int.random(in: 0..<bytes.count, using: &random)
        let end = min(bytes.count, place + Int.random(in: 1...8, using: &random))
        switch self {
        case .bits:
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] ^=
                    1 << UInt8.random(in: 0..<8, using: &random)
            }
        case .bytes: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case .cut: bytes.removeLast(bytes.count - place)
        case .insertion:
            let new = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            bytes.insert(contentsOf: new, at: Bool.random(using: &random) ? place : bytes.count)
        case .removal: bytes.removeSubrange(place..<end)
        case .repetition: bytes.insert(contentsOf: bytes[place..<end], at: place)
        case .text: return text(of: message, &random)
        default:
            guard var tree = MessageTree(message), let other = MessageTree(donor) else { return message }
            for _ in 0..<Int.random(in: 1...2, using: &random) { change(&tree, other, &random) }
            return tree.encoded
        }
        return bytes
    }

    /// Base64 with a change in the text.
    private func text(of message: [UInt8], _ random: inout some RandomNumberGenerator) -> [UInt8] {
        var text = SignatureText.encode(message)
        let place = Int.random(in: 0..<text.count, using: &random)
        let letters = Array("\r\n \tAa+/=-".utf8)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: text[place] = UInt8.random(in: 0...255, using: &random)
        case 1: text.insert(letters.randomElement(using: &random) ?? 0, at: place)
        case 2: text.remove(at: place)
        case 3: text.removeLast(text.count - place)
        default: text[max(0, text.count - 4)] = letters.randomElement(using: &random) ?? 0
        }
        return text
    }

    /// Changes one element and leaves the lengths around it right.
    func change(
        _ tree: inout MessageTree, _ donor: MessageTree, _ random: inout some RandomNumberGenerator
    ) {
        let place = Int.random(in: 0..<tree.count, using: &random)
        switch (self, tree[place]) {
        case (.transplant, _): tree[place] = donor[Int.random(in: 0..<donor.count, using: &random)]
        case (.tag, .bytes(_, let contents, let length)):
            tree[place] = .bytes(tag: MessageMutation.tag(&random), contents, length)
        case (.tag, .elements(_, let children, let length)):
            tree[place] = .elements(tag: MessageMutation.tag(&random), children, length)
        case (.length, .bytes(let tag, let contents, _)):
            tree[place] = .bytes(tag: tag, contents, MessageMutation.length(&random))
        case (.length, .elements(let tag, let children, _)):
            tree[place] = .elements(tag: tag, children, MessageMutation.length(&random))
        case (.form, .elements(let tag, let children, _)):
            tree[place] = .elements(tag: tag, children, Bool.random(using: &random) ? .indefinite : .long)
        case (.content, .bytes(let tag, var contents, let length)):
            let at = Int.random(in: 0...contents.count, using: &random)
            if Bool.random(using: &random), at < contents.count {
                contents[at] = UInt8.random(in: 0...255, using: &random)
            } else {
                contents.insert(UInt8.random(in: 0...2, using: &random), at: at)
            }
            tree[place] = .bytes(tag: tag, contents, length)
        case (_, .elements(let tag, var children, let length)) where !children.isEmpty:
            let (one, two) = (
                Int.random(in: 0..<children.count, using: &random),
                Int.random(in: 0..<children.count, using: &random)
            )
            switch self {
            case .swapped: children.swapAt(one, two)
            case .dropped: children.remove(at: one)
            case .doubled: children.insert(children[one], at: two)
            default: return
            }
            tree[place] = .elements(tag: tag, children, length)
        default: return
        }
    }

    private static func tag(_ random: inout some RandomNumberGenerator) -> UInt8 {
        let usual: [UInt8] = [
            0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0C, 0x24, 0x30, 0x31, 0x80, 0x81, 0xA0, 0xA1, 0xA2,
        ]
        return Bool.random(using: &random)
            ? UInt8.random(in: 0...255, using: &random) : usual.randomElement(using: &random) ?? 0
    }

    private static func length(_ random: inout some RandomNumberGenerator) -> MessageTree.Length {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: .long
        case 1: .indefinite
        case 2: .wrong(Int.random(in: -3...3, using: &random))
        default: .wrong([-1000, 1000, 40_000].randomElement(using: &random) ?? 0)
        }
    }
}
