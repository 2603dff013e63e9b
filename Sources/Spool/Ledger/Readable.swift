internal import GRDB

/// What many rows say but for those that make no sense.
struct Readable<Value: Sendable>: Sendable {
    private(set) var values: [Value] = []
    /// Of the last row that was left out.
    private(set) var fault: (any Error)?

    /// - Throws: what is a fault of the ledger as a whole.
    mutating func append(_ read: () throws -> Value?) throws {
        do {
            if let value = try read() { values.append(value) }
        } catch let fault as DatabaseError {
            throw fault
        } catch {
            fault = error
        }
    }
}
