internal import ArgumentParser
internal import Foundation

struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Makes a new instance: configuration, spool, registry, host keys, receipt key and certificate.")

    @Argument(help: "The folder of the instance; made when missing.") var directory: String
    @Option(help: "Where the SFTP server listens, host:port; port 0 takes a free one.") var sftp: String?
    @Option(help: "Where the web service listens, host:port; without it there is none.") var web: String?

    func run() throws {
        for address in [sftp, web].compactMap({ $0 }) where Configuration.address(address) == nil {
            throw CommandFailure(.usage, "'\(address)' is not host:port")
        }
        try InstanceMaker(directory: directory, sftp: sftp, web: web).make()
        Output.warn(
            """
            made \(directory)
            next:  ecluse trust add AUTHORITY.pem --config \(directory)/config/ecluse.yaml
                   ecluse sender add …            then: ecluse sender channel add …
                   ecluse serve --config \(directory)/config/ecluse.yaml
            """)
    }
}
