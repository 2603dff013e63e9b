public import Foundation

/// What a disk may do to a file of SQLite.
public enum FileDamage: Sendable, CustomStringConvertible {
    /// Everything from there on is gone.
    case cut(Int)
    /// Everything from there on is zero.
    case zeroTail(Int)
    /// One page that begins there is zero.
    case zeroPage(Int)
    case flippedBit(Int, UInt8)

    /// Bytes of a page, unless a file says otherwise.
    public static let page = 4096

    public func applied(to bytes: Data) -> Data {
        var bytes = bytes
        switch self {
        case .cut(let place): bytes = bytes.prefix(place)
        case .zeroTail(let place): bytes = bytes.prefix(place) + Data(count: bytes.count - place)
        case .zeroPage(let place):
            let end = min(place + FileDamage.page, bytes.count)
            bytes.replaceSubrange(place..<end, with: Data(count: end - place))
        case .flippedBit(let place, let bit): bytes[place] ^= 1 << bit
        }
        return bytes
    }

    /// Every page of a database cut off, cut in its middle, zero, and zero with all that follows.
    public static func pages(of bytes: Data) -> [FileDamage] {
        stride(from: 0, to: bytes.count, by: page).flatMap {
            [.cut($0), .cut($0 + page / 2), .zeroPage($0), .zeroTail($0)]
        }
    }

    /// The same of a log, whose pages have a header each, and the log one of its own.
    public static func logPages(of bytes: Data) -> [FileDamage] {
        [.cut(0), .zeroTail(0)]
            + stride(from: 32, through: bytes.count, by: page + 24).flatMap { place -> [FileDamage] in
                let inside = min(place + 150, bytes.count)
                return [.cut(place), .zeroTail(inside)]
            }
    }

    /// So many single bits, the same in every run.
    public static func bits(_ count: Int, of bytes: Data) -> [FileDamage] {
        var numbers = SeededGenerator(seed: 6400)
        return (0..<count).map { _ in
            .flippedBit(
                Int.random(in: bytes.indices, using: &numbers), UInt8.random(in: 0...7, using: &numbers))
        }
    }

    public var description: String {
        switch self {
        case .cut(let place): "cut at \(place)"
        case .zeroTail(let place): "zero from \(place)"
        case .zeroPage(let place): "page at \(place) zero"
        case .flippedBit(let place, let bit): "bit \(bit) of \(place)"
        }
    }
}
