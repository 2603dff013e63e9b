internal import Foundation
internal import Glibc

/// Standard error, which may be a full disk, or a pipe that nobody reads any more.
enum StandardError {
    /// Writes as much as it takes; the rest is lost. Nothing may end because it could not be told.
    static func write(_ bytes: Data) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    static func write(line words: String) { write(Data((words + "\n").utf8)) }
}
