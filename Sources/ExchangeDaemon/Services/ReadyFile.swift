internal import Foundation

/// `spool/run/ecluse.json`: the process and the real addresses of a daemon that is ready.
struct ReadyFile {
    private let url: URL

    init(spoolRoot: String) {
        url = URL(fileURLWithPath: spoolRoot).appendingPathComponent("run/ecluse.json")
    }

    /// - Parameter addresses: by channel, such as `sftp`, as `host:port`.
    func write(addresses: [String: String]) throws {
        var fields: [String: Field] = addresses.mapValues { .text($0) }
        fields["pid"] = .number(ProcessInfo.processInfo.processIdentifier)
        try Data((try Output.json(fields) + "\n").utf8).write(to: url, options: .atomic)
    }

    /// Removes what a daemon that was killed left behind; the file of one that lives stays.
    func removeStale() {
        struct Left: Decodable {
            let pid: Int32
        }
        guard let data = try? Data(contentsOf: url) else { return }
        let left = try? JSONDecoder().decode(Left.self, from: data)
        if let pid = left?.pid, pid != getpid(), kill(pid, 0) == 0 || errno == EPERM { return }
        remove()
    }

    func remove() {
        try? FileManager.default.removeItem(at: url)
    }

    private enum Field: Encodable {
        case text(String)
        case number(Int32)

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .text(let text): try container.encode(text)
            case .number(let number): try container.encode(number)
            }
        }
    }
}
