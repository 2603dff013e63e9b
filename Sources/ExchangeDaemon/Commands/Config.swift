internal import ArgumentParser
internal import Channels
internal import Foundation
internal import Logging
internal import Pipeline
internal import Validation
internal import WebChannel

struct Config: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Checks or shows the configuration.", subcommands: [ConfigCheck.self, ConfigShow.self])
}

struct ConfigCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Reads everything the daemon would read at its start, and says what is wrong.",
        discussion: """
            Run it as the daemon's user: what that one may read, and whom its workers become, is asked of who runs this. \
            The spool is not opened, the registry is only read, and no server or address is tried.
            """)

    @OptionGroup var instance: InstanceOptions

    func run() throws {
        let instance = try instance.open()
        try instance.configuration.checkFiles()
        _ = try instance.ground()
        _ = try instance.destinations()
        _ = try instance.signer()
        try instance.checkRegistry()
        try instance.configuration.sftp?.checkHostKeys()
        try instance.webSettings()?.checkCertificate()
        _ = try instance.workerSettings(logger: Logger(label: "ecluse") { _ in SwiftLogNoOpLogHandler() })
        Output.warn("\(instance.configuration.file) is in order")
    }
}

struct ConfigShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Prints the configuration in force, defaults included.")

    @OptionGroup var instance: InstanceOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let shown = try instance.open().configuration.shown
        try output.print(shown) {
            shown.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: "\n")
        }
    }
}
