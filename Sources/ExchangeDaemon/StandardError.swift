internal import Foundation
internal import Glibc
internal import Synchronization

/// Standard error, which may be a full disk, or a pipe that nobody reads any more.
enum StandardError {
    /// Whether the last line was cut.
    private static let isCut = Mutex(false)

    /// Writes as much of a line as it takes; the rest is lost, and the next begins on a line of its own. Nothing may end because
    /// it could not be told.
    static func write(_ line: Data) {
        isCut.withLock { isCut in
            var rest = isCut ? Data([0x0A]) + line : line
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                rest = Data(rest.dropFirst(count))
                isCut = !rest.isEmpty
            }
        }
    }

    static func write(line words: String) { write(Data((words + "\n").utf8)) }
}
