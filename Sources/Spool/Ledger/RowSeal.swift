internal import Crypto
internal import Foundation
internal import GRDB

/// SHA-256 of what a row says that never changes again, kept in the row: pages of the ledger have no checksums, so a bit
/// that changed on the disk would otherwise be told as if it had been written.
///
/// What changes later (state, times of the next step) is not covered.
struct RowSeal {
    /// For the words of a fault.
    private let subject: String
    /// Where it is kept.
    let column: String
    /// What it covers, in this order.
    private let covered: [String]

    /// What arrived; name, size and digest of each part follow.
    static let arrival = RowSeal(
        subject: "set", column: "arrivalSeal",
        covered: ["ticket", "sender", "channel", "mailbox", "receivedAt", "name", "identity", "hasTrigger"])
    /// What was decided; the name of the destination follows.
    static let outcome = RowSeal(
        subject: "set", column: "outcomeSeal",
        covered: ["ticket", "codes", "decision", "repeatOf", "decidedAt"])
    static let answer = RowSeal(
        subject: "answer", column: "seal",
        covered: ["setSeq", "kind", "sender", "mailbox", "channel", "stem", "document", "signature"])

    /// Whether a row without a seal is from before there were any.
    enum Age {
        case mayBeOld
        case isSealed
    }

    /// - Parameter values: as they are written, in the order of `covered`, then what else it covers.
    func value(of values: [(any DatabaseValueConvertible)?]) -> Data {
        value(of: values.map { $0?.databaseValue ?? .null })
    }

    /// - Parameters:
    ///   - number: of the row, for the words of a fault.
    ///   - others: what else it covers.
    /// - Throws: `.ledger` when the row is not as it was sealed.
    func require(in row: Row, _ number: Int64, and others: [DatabaseValue] = [], when age: Age = .mayBeOld)
        throws
    {
        let seal = try row.decode(Data?.self, forColumn: column)
        if seal == nil, age == .mayBeOld { return }
        guard seal == value(of: covered.map { row[$0] as DatabaseValue? ?? .null } + others) else {
            throw SpoolFault(
                .ledger, "Row \(number) of the ledger, of \(subject)s, is not as it was written.")
        }
    }

    /// Each value with its kind and its length before it, so that no two lists of values are the same bytes.
    private func value(of values: [DatabaseValue]) -> Data {
        var hash = SHA256()
        hash.update(data: Data(column.utf8))
        for value in values {
            let (kind, content): (UInt8, Data) =
                switch value.storage {
                case .null: (0, Data())
                case .int64(let number): (1, RowSeal.bytes(of: UInt64(bitPattern: number)))
                case .double(let number): (2, RowSeal.bytes(of: number.bitPattern))
                case .string(let text): (3, Data(text.utf8))
                case .blob(let bytes): (4, bytes)
                }
            hash.update(data: [kind])
            hash.update(data: RowSeal.bytes(of: UInt64(content.count)))
            hash.update(data: content)
        }
        return Data(hash.finalize())
    }

    private static func bytes(of number: UInt64) -> Data {
        withUnsafeBytes(of: number.littleEndian) { Data($0) }
    }
}
