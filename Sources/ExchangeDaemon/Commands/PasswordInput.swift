internal import Exchange
internal import Foundation
internal import Registry
internal import SenderClient
internal import Validation

/// Where a password comes from; never the command line, which everybody on the machine can read.
enum PasswordInput {
    /// A line of standard input, or what is typed twice, without echo, at a terminal.
    static func read(fromStandardInput: Bool, for user: TechnicalUser) throws -> FTPPassword {
        let text = try fromStandardInput ? line("no password on standard input") : typed()
        do {
            return try FTPPassword(text, for: user)
        } catch {
            throw CommandFailure(.refused, error.description)
        }
    }

    private static func line(_ missing: String) throws -> String {
        guard let line = readLine() else { throw CommandFailure(.usage, missing) }
        return line
    }

    private static func typed() throws -> String {
        do {
            let terminal = TerminalPrompt()
            let (first, second) = (try terminal.ask("Password"), try terminal.ask("The same again"))
            let texts = [first, second].map { $0.withCString { String(cString: $0) } }
            guard texts[0] == texts[1] else { throw CommandFailure(.refused, "the two passwords differ") }
            return texts[0]
        } catch let fault as SecretFault {
            throw CommandFailure(.usage, "\(fault); without a terminal give --password-stdin")
        }
    }
}
