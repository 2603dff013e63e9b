internal import Exchange
internal import Foundation
internal import Logging
internal import Spool
internal import Synchronization

/// Takes an operator's orders while the daemon runs, one after the other: the ledger is written by its owner alone.
final class OrderDesk: Sendable {
    private let socket: OrderSocket
    private let spool: Spool
    private let logger: Logger
    private let listening: Int32
    private let isStopping = Atomic<Bool>(false)

    init(at spoolRoot: String, spool: Spool, logger: Logger) throws {
        socket = OrderSocket(spoolRoot: spoolRoot)
        self.spool = spool
        self.logger = logger
        listening = try socket.listen()
    }

    deinit {
        close(listening)
    }

    /// The thread's body, until `stop`.
    func run() {
        while !isStopping.load(ordering: .acquiring) {
            let caller = accept(listening, nil, nil)
            guard caller >= 0 else {
                if errno != EINTR, errno != EINVAL { Thread.sleep(forTimeInterval: 0.25) }
                continue
            }
            defer { close(caller) }
            _ = fcntl(caller, F_SETFD, FD_CLOEXEC)
            do {
                try serve(caller)
            } catch {
                logger.warning("an order was not understood", metadata: ["fault": "\(error)"])
            }
        }
    }

    func stop() {
        isStopping.store(true, ordering: .releasing)
        socket.remove()
        shutdown(listening, Int32(SHUT_RDWR))
    }

    private func serve(_ caller: Int32) throws {
        OrderSocket.limitWaiting(caller, to: 5)
        let order = try OrderSocket.read(OperatorOrder.self, from: caller)
        var fault: SpoolFault?
        do {
            try order.carryOut(on: spool)
        } catch let refusal {
            fault = refusal
        }
        logger.notice(
            "order",
            metadata: [
                "order": "\(order.kind.rawValue)", "ticket": "\(order.ticket)",
                "result": "\(fault?.code.rawValue ?? "done")",
            ])
        do {
            try OrderSocket.write(OrderReply(fault), to: caller)
        } catch {
            logger.notice(
                "the reply to an order was not taken",
                metadata: ["ticket": "\(order.ticket)", "fault": "\(error)"])
        }
    }
}
