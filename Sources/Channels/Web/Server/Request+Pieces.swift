internal import Hummingbird

extension Request {
    /// Bytes that are gathered before they are handed on: a buffer of the connection has a few kilobytes, and handing
    /// one over to another thread costs more than copying it.
    private static let pieceSize = 65_536

    /// Hands the body to `take` as it comes: its beginning at once, so that what cannot be taken is refused early, then
    /// pieces of at least 64 KB but for the last. What came before the connection broke is handed over too, before the
    /// fault of the connection is thrown.
    func takeBody(_ take: ([UInt8]) async throws -> Void) async throws {
        var gathered: [UInt8] = []
        var wanted = 1
        func handOver() async throws {
            let piece = gathered
            gathered = []
            if !piece.isEmpty { try await take(piece) }
        }
        do {
            for try await buffer in body {
                gathered.append(contentsOf: buffer.readableBytesView)
                guard gathered.count >= wanted else { continue }
                wanted = Request.pieceSize
                try await handOver()
            }
        } catch {
            try? await handOver()
            throw error
        }
        try await handOver()
    }
}
