internal import Glibc
public import Validation

/// Asks a person at the terminal for a secret, whatever standard input and output are. Nothing typed is shown, and
/// however it ends, by Ctrl-C or by a signal to the process, the terminal is left as it was.
public struct TerminalPrompt {
    private let device: String
    private let raise: (Int32) -> Void

    private static let interrupt: UInt8 = 3

    /// Asks at the terminal of the process.
    public init() {
        self.init(device: "/dev/tty")
    }

    /// - Parameters:
    ///   - device: the terminal.
    ///   - raise: lets a signal that came meanwhile do what it does.
    init(device: String, raise: @escaping (Int32) -> Void = { _ = Glibc.raise($0) }) {
        self.device = device
        self.raise = raise
    }

    /// Blocks its thread until a line was typed. Two prompts of one process follow each other.
    ///
    /// - Parameter prompt: what the person is asked, such as `Passphrase of key.pem`, without a colon.
    /// - Throws: a sentence, when there is no terminal, and when the person pressed Ctrl-C.
    public func ask(_ prompt: String) throws(SecretFault) -> Passphrase {
        try TerminalSignals.caught { (signals) throws(SecretFault) in
            try ask(prompt, unless: signals)
        } raising: {
            raise($0)
        }
    }

    private func ask(_ prompt: String, unless signals: Int32) throws(SecretFault) -> Passphrase {
        let terminal = open(device, O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard terminal >= 0 else {
            throw SecretFault("\(prompt): there is no terminal to ask on; give a file or a descriptor")
        }
        defer { close(terminal) }
        var before = termios()
        guard tcgetattr(terminal, &before) == 0 else { throw SecretFault("\(device) is no terminal") }
        var quiet = before
        quiet.c_lflag &= ~tcflag_t(ECHO | ISIG)
        quiet.c_lflag |= tcflag_t(ICANON)
        // Ctrl-C ends the line instead of the process.
        withUnsafeMutableBytes(of: &quiet.c_cc) { $0[Int(VEOL)] = TerminalPrompt.interrupt }
        guard tcsetattr(terminal, TCSAFLUSH, &quiet) == 0 else {
            throw SecretFault("\(device) cannot be silenced")
        }
        defer {
            tcsetattr(terminal, TCSAFLUSH, &before)
            TerminalPrompt.write("\n", to: terminal)
        }
        TerminalPrompt.write(prompt + ": ", to: terminal)
        return try TerminalPrompt.line(from: terminal, prompt, unless: signals)
    }

    private static func line(
        from terminal: Int32, _ prompt: String, unless signals: Int32
    ) throws(SecretFault) -> Passphrase {
        var line = SecretLine()
        repeat {
            guard line.last != interrupt, TerminalSignals.isReadable(terminal, before: signals) else {
                throw SecretFault("\(prompt): not given")
            }
        } while try !line.read(from: terminal, prompt)
        return try line.passphrase(prompt)
    }

    private static func write(_ text: String, to terminal: Int32) {
        let bytes = Array(text.utf8)
        _ = Glibc.write(terminal, bytes, bytes.count)
    }
}
