internal import ArgumentParser
internal import Exchange
internal import Spool

struct SpoolCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spool", abstract: "The files of the spool and its ledger.",
        subcommands: [SpoolCheckCommand.self])
}

struct SpoolCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract:
            "Compares the files of the spool with the ledger; exits with 1 when something does not fit.",
        discussion: """
            Reads every held byte, every set and every answer, and changes nothing. Beside a working daemon only what is seen twice, two seconds \
            apart, is told. Without one, after a crash, some of it may be put right by the next start.
            """)

    @OptionGroup var instance: InstanceOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let findings = try SpoolCheck.findings(at: instance.open().configuration.spoolRoot)
        if output.isJSON || !findings.isEmpty {
            try output.print(rows: findings, header: ["FINDING", "TICKET", "PATH", "SENTENCE"]) { finding in
                [
                    finding.kind.rawValue, finding.ticket?.description ?? "-", finding.path ?? "-",
                    finding.sentence,
                ]
            }
        }
        guard findings.isEmpty else { throw StatusExit(status: .failed) }
        if !output.isJSON { print("the spool is in order") }
    }
}
