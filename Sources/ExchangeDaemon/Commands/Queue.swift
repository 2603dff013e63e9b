internal import ArgumentParser
internal import Exchange
internal import Foundation
internal import Spool

struct QueueCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue", abstract: "The file sets and what becomes of them.",
        subcommands: [
            QueueList.self, QueueShow.self, QueueHold.self, QueueRelease.self, QueueRequeue.self,
        ])
}

/// What the queue commands print of a set.
struct QueueEntry: Encodable {
    let ticket: Ticket
    let state: String
    let name: String
    let sender: SenderNumber
    let channel: ChannelKind
    /// Domain 1.8.
    let channelCode: Int
    let directory: String
    let receivedAt: Date
    let decidedAt: Date?
    let settledAt: Date?
    let attempt: Int
    let dueAt: Date?
    let deferral: Deferral?
    let codes: [String]
    let destination: String?
    let repeats: Ticket?
    let receipt: String?
    let receiptState: String?
    let parts: [SealedSet.Part]

    init(_ row: SetRow) {
        let set = row.sealed
        ticket = set.ticket
        state = row.state.rawValue
        name = set.name.escaped
        sender = set.sender
        channel = set.channel
        channelCode = set.channel.code
        directory = set.mailbox.rawValue
        receivedAt = set.receivedAt
        decidedAt = row.decidedAt
        settledAt = row.settledAt
        attempt = row.attempt
        dueAt = row.deferral == nil ? nil : row.dueAt
        deferral = row.deferral
        codes = row.codes.map(\.errorID)
        destination = row.destination
        repeats = row.repeatOf
        receipt = row.answer.map { "FO." + $0.stem }
        receiptState = row.answer?.state.rawValue
        parts = set.parts
    }

    /// Codes of a refusal, or why it waits.
    var remark: String {
        if let deferral { return "\(deferral.reason.rawValue): \(deferral.sentence)" }
        if let repeats { return "repeats \(repeats)" }
        return state == "accepted" ? "to be delivered in its turn" : codes.joined(separator: " ")
    }
}

struct QueueList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists the sets and their states, the newest first.")

    @OptionGroup var instance: InstanceOptions
    @OptionGroup var output: OutputOptions
    @Flag(help: "Only sets that wait or are held.") var waiting = false
    @Flag(help: "All of them, however many.") var all = false
    @Option(help: "At the most so many.") var limit = 1000

    func run() throws {
        let ledger = try Ledger.openForReading(at: instance.open().configuration.spoolRoot)
        let sets = try ledger.readableSets(limit: all ? .max : limit, includingSettled: !waiting)
        let entries = sets.rows.map(QueueEntry.init)
        try output.print(rows: entries, header: ["TICKET", "STATE", "RECEIVED", "SENDER", "SET", "REMARK"]) {
            entry in
            [
                entry.ticket.description, entry.state, entry.receivedAt.ISO8601Format(),
                entry.sender.description,
                entry.name, entry.remark,
            ]
        }
        if !output.isJSON {
            let counts = try ledger.counts()
            Output.warn(
                "\(counts.received) received: \(counts.waiting) waiting, \(counts.held) held, \(counts.routed) routed, \(counts.refused) refused"
            )
        }
        // What can be read is told all the same; `spool check` names the sets that cannot.
        if let fault = sets.fault { throw fault }
    }
}

struct QueueShow: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Shows one set.")

    @OptionGroup var instance: InstanceOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: "The ticket.") var ticket: Ticket

    func run() throws {
        let entry = QueueEntry(try instance.open().set(ticket))
        try output.print(entry) {
            var lines = [
                "Ticket     \(entry.ticket)", "State      \(entry.state)", "Set        \(entry.name)",
                "Sender     \(entry.sender) over \(entry.channel.rawValue) (channel \(entry.channelCode)), \(entry.directory)",
                "Received   \(entry.receivedAt.ISO8601Format())",
                "Decided    \(entry.decidedAt?.ISO8601Format() ?? "-")",
                "Settled    \(entry.settledAt?.ISO8601Format() ?? "-")",
                "Codes      \(entry.codes.joined(separator: " "))",
                "Receipt    \(entry.receipt ?? "-") \(entry.receiptState ?? "")",
                "Delivery   \(entry.destination ?? "-")",
            ]
            if let repeats = entry.repeats { lines.append("Repeats    \(repeats)") }
            if let deferral = entry.deferral {
                lines.append("Waits for  \(deferral.reason.rawValue): \(deferral.sentence)")
                lines.append("Attempt    \(entry.attempt), next \(entry.dueAt?.ISO8601Format() ?? "-")")
            }
            lines += entry.parts.map { "Part       \($0.name)  \($0.size) bytes  SHA-256 \($0.digest)" }
            return lines.joined(separator: "\n")
        }
    }
}

extension Instance {
    /// The ledger's row of a set; exits with 3 when there is none.
    func set(_ ticket: Ticket) throws -> SetRow {
        guard let row = try Ledger.openForReading(at: configuration.spoolRoot).set(ticket) else {
            throw CommandFailure(.notFound, "no set has the ticket \(ticket)")
        }
        return row
    }
}
