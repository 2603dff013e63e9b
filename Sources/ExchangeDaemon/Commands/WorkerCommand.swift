internal import ArgumentParser
internal import Workers

/// What the daemon runs for itself; see `WorkerPool`.
struct WorkerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract:
            "Judges files for the daemon that started it, on the socket it was given as standard input.",
        shouldDisplay: false)

    func run() throws {
        WorkerService.run()
    }
}
