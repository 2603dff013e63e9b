internal import ArgumentParser
internal import Exchange
internal import Foundation
internal import Pipeline
internal import Registry
internal import Spool
internal import Validation

/// The program: parses the command line and maps what goes wrong to the exit codes of the contract.
@main
struct Ecluse: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ecluse",
        abstract:
            "Takes in signed file sets of social declarations, decides on them, and answers each with one signed receipt.",
        version: "0.1.0",
        subcommands: [
            Demo.self, Init.self, Serve.self, Config.self, Trust.self, SenderCommand.self, QueueCommand.self,
            SpoolCommand.self,
            Explain.self, ReceiptCommand.self, Check.self, Sign.self, FTPAccounts.self, Submit.self,
            Fetch.self, WorkerCommand.self,
        ])

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            leave(with: error)
        }
    }

    private static func leave(with error: any Error) -> Never {
        let code = exitStatus(of: error)
        let isPrinted = error is StatusExit
        if code == .ok {
            print(fullMessage(for: error))
        } else if !isPrinted {
            let words = code == .usage ? fullMessage(for: error) : "ecluse: \(message(of: error))"
            StandardError.write(line: words)
        }
        Foundation.exit(code.rawValue)
    }

    /// One sentence for people.
    static func message(of error: any Error) -> String {
        switch error {
        case let fault as SpoolFault: fault.sentence
        case let fault as RegistryFault: fault.sentence
        case let fault as SchemaFault: fault.sentence
        case let fault as CertificateFault: fault.sentence
        case let deferral as Deferral:
            "it cannot be told now (\(deferral.reason.rawValue)): \(deferral.sentence)"
        case let fault as CocoaError: place(of: fault) ?? "\(fault)"
        default: "\(error)"
        }
    }

    /// The path and the system's own words. Foundation's text is a dump on Linux.
    private static func place(of fault: CocoaError) -> String? {
        guard let path = fault.filePath else { return nil }
        let cause = (fault.underlying as? POSIXError).map { String(cString: strerror($0.code.rawValue)) }
        return "\(path): \(cause ?? "it cannot be read or written")"
    }

    private static func exitStatus(of fault: RegistryFault) -> ExitStatus {
        switch fault.code {
        case .notFound, .unknownFingerprint, .channelMissing: .notFound
        case .inUse: .tryAgain
        case .newerSchema, .unavailable: .failed
        case .alreadyExists, .numberTaken, .userTaken, .channelExists, .applicationMissing,
            .certificateOfAnotherSender, .revoked, .notAnAuthority, .olderList, .invalid:
            .refused
        }
    }

    static func exitStatus(of error: any Error) -> ExitStatus {
        switch error {
        case let exit as StatusExit: exit.status
        case let failure as CommandFailure: failure.status
        case let fault as RegistryFault: exitStatus(of: fault)
        case is Registrar.Refusal: .refused
        case is Deferral: .tryAgain
        case is ConfigurationFault, is SpoolFault, is InputFile.Fault: .failed
        default:
            switch exitCode(for: error) {
            case .success: .ok
            case .validationFailure: .usage
            default: .failed
            }
        }
    }
}

/// The exit codes of the contract (design section 7).
enum ExitStatus: Int32 {
    case ok = 0
    case failed = 1
    case usage = 2
    case notFound = 3
    case refused = 4
    case tryAgain = 75
}

/// Ends the program with a status when everything to say has been said.
struct StatusExit: Error {
    let status: ExitStatus
}

/// Ends the program with a status and one sentence.
struct CommandFailure: Error, CustomStringConvertible {
    let status: ExitStatus
    let description: String

    init(_ status: ExitStatus, _ description: String) {
        self.status = status
        self.description = description
    }
}
