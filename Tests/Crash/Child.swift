import Foundation
import Glibc

/// This program once more, in another role, with a fault loaded into it.
enum Child {
    enum End: Hashable {
        case exited(Int32)
        case killed(Int32)
    }

    static func run(_ arguments: [String], _ environment: [String: String]) throws -> End {
        let program = "/proc/self/exe"
        var all = ProcessInfo.processInfo.environment
        all.merge(environment) { $1 }
        var argv = ([program] + arguments).map { strdup($0) } + [nil]
        var envp = all.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in argv + envp { free(text) } }
        var process: pid_t = 0
        let code = posix_spawn(&process, program, nil, nil, &argv, &envp)
        guard code == 0 else { throw CampaignFault("posix_spawn: \(String(cString: strerror(code)))") }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 {
            guard errno == EINTR else { throw CampaignFault("waitpid: \(String(cString: strerror(errno)))") }
        }
        return status & 0x7F == 0 ? .exited((status >> 8) & 0xFF) : .killed(status & 0x7F)
    }
}
