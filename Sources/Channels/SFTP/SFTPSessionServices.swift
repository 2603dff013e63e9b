internal import Exchange
internal import Logging

/// What every session of a server works with.
struct SFTPSessionServices: Sendable {
    let configuration: SFTPServerConfiguration
    let directory: any SenderDirectory
    let intake: any Intake
    let gate: SFTPGate
    let logger: Logger
}
