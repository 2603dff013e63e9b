public import ArgumentParser
public import Exchange
internal import SenderClient
internal import Validation

struct Fetch: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Fetches answers from a receiver into a directory, verified, and says what they tell.",
        discussion: """
            Complete answers only; those already there unchanged are passed over. With --remove an answer is removed at \
            the server once it is durable here.

            Exits with 0 when all went well; otherwise with 4 when a receipt that was fetched refuses a set, 1 when a \
            signature does not hold or something else failed for good, 75 when another time may go better.
            """)

    @Argument(help: "The directory to fetch into; made when missing.") var directory: String
    @Option(name: .customLong("from"), help: "The receiver, as for submit.") var target: String
    @OptionGroup var server: ServerOptions
    @OptionGroup var key: KeyOptions
    @OptionGroup var web: WebOptions
    @OptionGroup var trust: ReceiptTrustOptions
    @OptionGroup var output: OutputOptions
    @Option(help: "The sender's number, for the client number at a web service.") var sender: SenderNumber?
    @Option(help: "R, T or S: answers of this environment only; may be given several times.") var environment:
        [ExchangeEnvironment] = []
    @Flag(help: "Remove answers at the server once they are here.") var remove = false
    @Option(help: "Language of the sentences: fr, nl, de or en.") var language = Language.en
    @Flag(name: .shortAndLong, help: "Tell nothing but the answers.") var quiet = false

    func run() throws {
        let target = try server.target(target)
        var settings = AnswerFetch.Settings(directory: directory)
        settings.trust = try trust.trust()
        settings.isRemoving = remove
        settings.mailboxes = Mailbox.allCases.filter {
            !$0.takesUploads && (environment.isEmpty || environment.contains($0.environment))
        }
        let screen = ProgressScreen(isQuiet: quiet)
        let fetch: AnswerFetch
        if case .web(let base) = target {
            let service = try web.settings(
                base: base, sender: sender?.description, key: try key.open(), server: server)
            fetch = AnswerFetch(from: service, settings: settings) { screen.tell($0) }
        } else {
            guard let place = try server.place(of: target) else {
                throw CommandFailure(.usage, "answers cannot be fetched from \(target)")
            }
            fetch = AnswerFetch(from: place.server, as: place.logIn, home: place.home, settings: settings) {
                screen.tell($0)
            }
        }
        let fetched: [FetchedAnswer]
        do {
            fetched = try fetch.run { tell($0) }
        } catch {
            throw CommandFailure(ExitStatus(rawValue: error.status) ?? .failed, error.description)
        }
        guard let status = ExitStatus(rawValue: FetchedAnswer.status(of: fetched)), status != .ok else {
            return
        }
        throw StatusExit(status: status)
    }

    private func tell(_ answer: FetchedAnswer) {
        guard output.isJSON else {
            if let words = answer.words(in: language) { print(words) }
            return
        }
        try? output.print(FetchedAnswerRecord(answer)) { "" }
    }
}

extension ExchangeEnvironment: ExpressibleByArgument {}
