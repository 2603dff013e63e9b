internal import ArgumentParser
internal import Exchange
internal import Spool

/// The tickets of an order, each a set by itself: one that fails does not keep the others from it.
struct OrderedSets: ParsableArguments {
    @Argument(help: "The tickets.") var tickets: [Ticket]

    /// Ends with the status of the last failure.
    func handIn(_ instance: InstanceOptions, _ order: (Ticket) -> OperatorOrder) throws {
        let configuration = try instance.open().configuration
        var status = ExitStatus.ok
        for ticket in tickets {
            do {
                try OrderCounter.handIn(order(ticket), in: configuration)
                Output.warn("\(ticket) done")
            } catch {
                Output.warn("ecluse: \(Ecluse.message(of: error))")
                status = (error as? SpoolFault).map(OrderedSets.status(of:)) ?? Ecluse.exitStatus(of: error)
            }
        }
        guard status == .ok else { throw StatusExit(status: status) }
    }

    private static func status(of fault: SpoolFault) -> ExitStatus {
        switch fault.code {
        case .unknownTicket: .notFound
        case .wrongState, .unfitDecision: .refused
        case .inUse, .inHand, .closed, .ledger, .disk: .tryAgain
        case .missing, .exhausted: .failed
        }
    }
}

struct QueueHold: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold",
        abstract: "Keeps sets that wait from being decided or delivered, until `release`.")

    @OptionGroup var instance: InstanceOptions
    @OptionGroup var sets: OrderedSets
    @Option(help: "Why, in one sentence of at most 500 characters: `queue show` tells it.") var reason:
        String?

    func validate() throws {
        guard reason?.count ?? 0 <= 500 else { throw ValidationError("The reason is too long.") }
    }

    func run() throws {
        try sets.handIn(instance) { OperatorOrder(kind: .hold, ticket: $0, reason: reason) }
    }
}

struct QueueRelease: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release", abstract: "Gives held sets back to the step they were held at.")

    @OptionGroup var instance: InstanceOptions
    @OptionGroup var sets: OrderedSets

    func run() throws {
        try sets.handIn(instance) { OperatorOrder(kind: .release, ticket: $0) }
    }
}

struct QueueRequeue: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "requeue", abstract: "Tries deferred sets at once, not when their pause is over.")

    @OptionGroup var instance: InstanceOptions
    @OptionGroup var sets: OrderedSets

    func run() throws {
        try sets.handIn(instance) { OperatorOrder(kind: .requeue, ticket: $0) }
    }
}

struct ReceiptResend: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resend",
        abstract:
            "Publishes the receipts of sets again, under their first names; of a repeat, the first set's.")

    @OptionGroup var instance: InstanceOptions
    @OptionGroup var sets: OrderedSets

    func run() throws {
        try sets.handIn(instance) { OperatorOrder(kind: .resend, ticket: $0) }
    }
}
