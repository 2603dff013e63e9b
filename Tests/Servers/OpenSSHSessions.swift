internal import Foundation

/// The processes that came from another: sshd gives each connection one in a session of its own.
enum OpenSSHSessions {
    /// Sends a signal to all that came from `ancestor`, the youngest generation last.
    static func signal(_ signal: Int32, from ancestor: pid_t) {
        let parents = parents()
        var found = [ancestor]
        var next = 0
        while next < found.count {
            found += parents.filter { $0.value == found[next] }.map(\.key)
            next += 1
        }
        for descendant in found.dropFirst() { kill(descendant, signal) }
    }

    /// Of every process, the one it came from.
    private static func parents() -> [pid_t: pid_t] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        var found: [pid_t: pid_t] = [:]
        for process in names.compactMap({ pid_t($0) }) {
            // After the name of the program, which may hold anything, come its state and its parent (proc(5)).
            guard let line = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
                let end = line.lastIndex(of: ")")
            else { continue }
            let fields = line[end...].split(separator: " ")
            if fields.count > 2, let parent = pid_t(fields[2]) { found[process] = parent }
        }
        return found
    }
}
