internal import Glibc
internal import Synchronization

/// Where a command tells people how far it is: a line that is drawn over and over on a terminal, plain lines now and then
/// elsewhere, nothing when silence is wanted. Any thread may call.
public final class ProgressScreen: Sendable {
    public enum Manner: Sendable, Hashable {
        case bar
        case lines
        case silent
    }

    private struct State {
        var drawnAt: Double
        var isDrawn = false
    }

    /// Seconds between two drawings.
    private static let pace = 0.1
    /// Seconds between two plain lines.
    private static let linePace = 10.0
    private static let usualWidth = 80

    private let descriptor: Int32
    private let manner: Manner
    private let timing: Timing
    private let state: Mutex<State>

    /// On standard error.
    public convenience init(isQuiet: Bool) {
        self.init(
            on: STDERR_FILENO, manner: isQuiet ? .silent : isatty(STDERR_FILENO) == 1 ? .bar : .lines,
            timing: .system)
    }

    init(on descriptor: Int32, manner: Manner, timing: Timing) {
        self.descriptor = descriptor
        self.manner = manner
        self.timing = timing
        state = Mutex(State(drawnAt: manner == .lines ? timing.now() : -.infinity))
    }

    /// A meter that draws here.
    func meter(total: UInt64) -> TransferMeter {
        TransferMeter(total: total, now: timing.now) { [weak self] in self?.show($0) }
    }

    /// Tells one line of its own.
    public func tell(_ words: String) {
        guard manner != .silent else { return }
        state.withLock { state in
            wipe(&state)
            write(words + "\n")
        }
    }

    /// Takes the bar away, to make room for what is written elsewhere on the same terminal.
    public func clear() {
        state.withLock { wipe(&$0) }
    }

    private func wipe(_ state: inout State) {
        guard state.isDrawn else { return }
        write(ProgressScreen.clear)
        state = State(drawnAt: -.infinity)
    }

    private func show(_ reading: TransferMeter.Reading) {
        guard manner != .silent else { return }
        let line = ProgressLine(reading)
        let now = timing.now()
        state.withLock { state in
            let pace = manner == .bar ? ProgressScreen.pace : ProgressScreen.linePace
            guard now - state.drawnAt >= pace else { return }
            state = State(drawnAt: now, isDrawn: manner == .bar)
            write(manner == .bar ? ProgressScreen.clear + line.text(width: width) : line.words + "\n")
        }
    }

    /// To the beginning of the line, and nothing to the right of it.
    private static let clear = "\r\u{1B}[K"

    private var width: Int {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return ProgressScreen.usualWidth
        }
        return Int(size.ws_col)
    }

    /// What cannot be told is not worth failing for.
    private func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
