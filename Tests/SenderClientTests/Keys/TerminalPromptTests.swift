import Foundation
import Testing
import Validation

@testable import SenderClient

/// A pseudo-terminal: what is written to one end is typed at the other.
private final class Terminal {
    let master: Int32
    let path: String

    init() throws {
        master = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        // TIOCSPTLCK and TIOCGPTN (ioctl_tty(2)), which the importer does not see.
        var lock: Int32 = 0
        var number: Int32 = -1
        try #require(
            master >= 0 && ioctl(master, 0x4004_5431, &lock) == 0 && ioctl(master, 0x8004_5430, &number) == 0)
        path = "/dev/pts/\(number)"
        // Keeps the other end open, so that its state stays.
        holder = open(path, O_RDWR | O_NOCTTY)
    }

    private let holder: Int32

    deinit {
        close(holder)
        close(master)
    }

    var echoes: Bool {
        var state = termios()
        tcgetattr(holder, &state)
        return state.c_lflag & tcflag_t(ECHO) != 0
    }

    /// Types when the prompt has come, which is when the terminal is silent.
    func type(_ text: String) {
        var shown: [UInt8] = []
        while !shown.contains(0x3A) {
            var byte: UInt8 = 0
            guard read(master, &byte, 1) == 1 else { return }
            shown.append(byte)
        }
        let bytes = Array(text.utf8)
        _ = write(master, bytes, bytes.count)
    }

    /// Everything shown until now.
    func shown() -> String {
        _ = fcntl(master, F_SETFL, O_NONBLOCK)
        var bytes = [UInt8](repeating: 0, count: 1000)
        let count = read(master, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}

@Suite struct TerminalPromptTests {
    private func ask(typing text: String) throws -> (Result<Passphrase, any Error>, Terminal) {
        let terminal = try Terminal()
        nonisolated(unsafe) let typist = terminal
        let thread = Thread { typist.type(text) }
        thread.start()
        let answer = Result<Passphrase, any Error> {
            try TerminalPrompt(device: terminal.path).ask("Passphrase of key.pem")
        }
        return (answer, terminal)
    }

    @Test func `what is typed is read and not shown, and the terminal is as before`() throws {
        let (answer, terminal) = try ask(typing: "s3cret\n")
        #expect(try answer.get().withCString { String(cString: $0) } == "s3cret")
        #expect(!terminal.shown().contains("s3cret"))
        #expect(terminal.echoes)
    }

    @Test func `Ctrl-C gives up and leaves the terminal as it was`() throws {
        let (answer, terminal) = try ask(typing: "s3c\u{3}")
        #expect(throws: SecretFault.self) { try answer.get() }
        #expect(terminal.echoes)
    }

    @Test(arguments: [SIGTERM, SIGHUP, SIGINT])
    func `a signal comes when the terminal is as it was`(signal: Int32) throws {
        let terminal = try Terminal()
        nonisolated(unsafe) let typist = terminal
        Thread {
            typist.type("s3c")
            kill(getpid(), signal)
        }.start()
        var raised: [Int32] = []
        var echoed = false
        let prompt = TerminalPrompt(device: terminal.path) {
            raised.append($0)
            echoed = terminal.echoes
        }
        #expect(throws: SecretFault.self) { try prompt.ask("Passphrase of key.pem") }
        #expect(raised == [signal])
        #expect(echoed)
    }

    @Test func `a process without a terminal is told to use a file`() {
        #expect {
            try TerminalPrompt(device: "/nothing").ask("Passphrase of key.pem")
        } throws: { "\($0)".contains("file") }
        #expect(throws: SecretFault.self) { try TerminalPrompt(device: "/dev/null").ask("Passphrase") }
    }
}
