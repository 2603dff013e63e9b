internal import ArgumentParser
internal import Exchange
internal import Foundation
internal import Spool

struct ReceiptCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "receipt", abstract: "The receipts of sets.",
        subcommands: [ReceiptShow.self, ReceiptResend.self])
}

struct ReceiptShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Prints the receipt of a set.")

    @OptionGroup var instance: InstanceOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: "The ticket.") var ticket: Ticket

    private struct Shown: Encodable {
        let ticket: Ticket
        let file: String
        let directory: String
        let state: String
        let publishedAt: Date?
        let document: String
        let signature: String
    }

    func run() throws {
        let instance = try instance.open()
        var row = try instance.set(ticket)
        if let first = row.repeatOf { row = try instance.set(first) }
        guard let answer = row.answer else {
            throw CommandFailure(.tryAgain, "the set \(ticket) has no receipt yet")
        }
        let document = String(decoding: answer.document, as: UTF8.self)
        let shown = Shown(
            ticket: ticket, file: "FO." + answer.stem, directory: answer.mailbox.rawValue,
            state: answer.state.rawValue,
            publishedAt: answer.publishedAt, document: document,
            signature: String(decoding: answer.signature, as: UTF8.self))
        try output.print(shown) { document }
    }
}
