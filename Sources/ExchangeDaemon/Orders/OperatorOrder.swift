internal import Exchange
internal import Foundation
internal import Spool

/// What an operator asks of one set, as one line of JSON on the daemon's socket.
struct OperatorOrder: Codable {
    enum Kind: String, Codable {
        /// To wait for an operator, whatever step the set waits for.
        case hold
        /// From the operator back to the step it was held at, due at once.
        case release
        /// A deferred set is tried at once.
        case requeue
        /// The receipt is published again under its first name.
        case resend
    }

    let kind: Kind
    let ticket: Ticket
    /// One sentence, shown in the queue while the set is held; for `hold` only.
    var reason: String?

    /// Returns when it is durable.
    func carryOut(on spool: Spool) throws(SpoolFault) {
        switch kind {
        case .hold:
            let deferral = Deferral(.operatorHold, reason ?? "An operator asked for it.")
            try spool.withhold(ticket, deferral)
        case .release: try spool.release(ticket)
        case .requeue: try spool.requeue(ticket)
        case .resend: try spool.republish(ticket)
        }
    }
}

/// What became of an order.
struct OrderReply: Codable {
    /// Nil: it is done.
    let fault: Fault?

    struct Fault: Codable {
        let code: SpoolFault.Code
        let sentence: String
    }

    init(_ fault: SpoolFault?) {
        self.fault = fault.map { Fault(code: $0.code, sentence: $0.sentence) }
    }

    /// - Throws: what the daemon said that it could not.
    func get() throws(SpoolFault) {
        if let fault { throw SpoolFault(fault.code, fault.sentence) }
    }
}
