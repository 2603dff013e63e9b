import Foundation
import Glibc

/// What the senders know, kept apart from the spool and from its faults: a line before and after each act. The file is
/// opened for appending, so a line is there or not, whenever the process ends.
final class Journal: Sendable {
    private let descriptor: Int32

    init(_ path: String) throws {
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw CampaignFault("the journal \(path) cannot be written") }
    }

    deinit { close(descriptor) }

    func note(_ words: Any...) {
        let line = Array((words.map { "\($0)" }.joined(separator: " ") + "\n").utf8)
        _ = Glibc.write(descriptor, line, line.count)
    }

    static func lines(_ path: String) -> [[String]] {
        guard let data = FileManager.default.contents(atPath: path) else { return [] }
        return String(decoding: data, as: UTF8.self).split(separator: "\n").map {
            $0.split(separator: " ").map(String.init)
        }
    }
}

/// Something the campaign itself could not do.
struct CampaignFault: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
