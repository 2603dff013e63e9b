internal import Exchange
internal import Foundation
internal import Logging
internal import Spool

/// Where a command hands in its orders: the daemon that works on the spool or, when none does, the spool itself.
enum OrderCounter {
    private static let patience = 60

    /// Returns when the order is durable.
    static func handIn(_ order: OperatorOrder, in configuration: Configuration) throws {
        guard let daemon = try OrderSocket(spoolRoot: configuration.spoolRoot).connect() else {
            return try carryOut(order, in: configuration)
        }
        defer { close(daemon) }
        OrderSocket.limitWaiting(daemon, to: patience)
        let reply: OrderReply
        do {
            try OrderSocket.write(order, to: daemon)
            reply = try OrderSocket.read(OrderReply.self, from: daemon)
        } catch {
            throw CommandFailure(
                .tryAgain, "the daemon did not answer, and may have done it nevertheless: \(error)")
        }
        try reply.get()
    }

    /// With the daemon's own limits: whoever opens a spool also removes what they no longer keep.
    private static func carryOut(_ order: OperatorOrder, in configuration: Configuration) throws {
        let spoolRoot = configuration.spoolRoot
        guard FileManager.default.fileExists(atPath: spoolRoot + "/ledger.sqlite") else {
            throw SpoolFault(.missing, "There is no spool at \(spoolRoot).")
        }
        var logger = Logger(label: "ecluse") { _ in LineLogHandler() }
        logger.logLevel = .warning
        let spool = try Spool.open(at: spoolRoot, limits: configuration.limits, logger: logger)
        defer { spool.close() }
        try order.carryOut(on: spool)
    }
}
