internal import ArgumentParser
internal import Exchange
internal import SenderClient
internal import Validation

struct Submit: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Sends sets to a receiver and waits for their receipts.",
        discussion: """
            Give FI files, or directories with FI files in them. Their FS files are found by their names, or made with \
            --key; the GO goes last. A connection that breaks is made again, and goes on where it broke.

            Targets: sftp://USER@HOST:PORT, ftps://USER@HOST, ftp://USER@HOST (under TLS), https://HOST:PORT, or a \
            directory that holds IN and OUT. A path behind the host is where IN and OUT lie.

            Exits with 0 when every set was accepted; otherwise with 4 when one was refused, 1 when one failed and trying \
            again does not help, 75 when it is not known yet. 3: a file is not there, and nothing was sent.
            """)

    @Argument(help: "FI files, or directories with FI files in them.") var files: [String]
    @Option(name: .customLong("to"), help: "The receiver.") var target: String
    @OptionGroup var server: ServerOptions
    @OptionGroup var key: KeyOptions
    @OptionGroup var web: WebOptions
    @OptionGroup var trust: ReceiptTrustOptions
    @OptionGroup var output: OutputOptions
    @Flag(help: "Sign all FI files anew, whatever FS lies beside them.") var sign = false
    @Option(help: "Connections at once.") var parallel = 4
    @Option(help: "How long receipts are waited for, such as 90s or 5m; 0 waits for none.") var wait = "5m"
    @Option(help: "Language of the sentences: fr, nl, de or en.") var language = Language.en
    @Flag(name: .shortAndLong, help: "Tell nothing but the outcome.") var quiet = false

    func validate() throws {
        guard Quantity.seconds(wait) != nil else {
            throw ValidationError("--wait takes a time such as 90s, 5m or 0")
        }
        guard (1...16).contains(parallel) else { throw ValidationError("--parallel takes 1 to 16") }
        guard !sign || key.key != nil else { throw ValidationError("--sign needs --key") }
    }

    func run() throws {
        let target = try server.target(target)
        let openKey = try key.open()
        let sets = try sets(with: openKey)
        var settings = SubmissionSettings()
        settings.parallel = parallel
        settings.wait = Quantity.seconds(wait) ?? settings.wait
        settings.trust = try trust.trust()
        let screen = ProgressScreen(isQuiet: quiet)
        let (output, language) = (output, language)
        let tell: @Sendable (SetOutcome) -> Void = { outcome in
            screen.clear()
            try? output.print(SetOutcomeRecord(outcome, in: language)) { outcome.words(in: language) }
        }
        let outcomes: [SetOutcome]
        if case .web(let base) = target {
            let service = try web.settings(
                base: base, sender: sets.first?.name.sender.description, key: openKey, server: server)
            outcomes = WebSubmission(to: service, settings: settings, screen: screen).run(sets, settled: tell)
        } else {
            guard let place = try server.place(of: target) else {
                throw CommandFailure(.usage, "sets cannot be sent to \(target)")
            }
            outcomes = FileSubmission(
                to: place.server, as: place.logIn, home: place.home, settings: settings, screen: screen
            ).run(sets, settled: tell)
        }
        screen.clear()
        guard let status = ExitStatus(rawValue: SetOutcome.status(of: outcomes)), status != .ok else {
            return
        }
        throw StatusExit(status: status)
    }

    private func sets(with openKey: OpenKey?) throws -> [OutgoingSet] {
        do {
            var signing = SetSigning.beside
            if let signer = try openKey?.documentSigner() { signing = sign ? .all(signer) : .missing(signer) }
            return try SetGrouping.sets(at: files).map { try signing.outgoing($0) }
        } catch SetGrouping.Fault.notFound(let sentence) {
            throw CommandFailure(.notFound, sentence)
        } catch {
            throw CommandFailure(.failed, "\(error)")
        }
    }
}
