internal import Foundation
internal import Workers

/// Confines itself as a worker does and tries what none may do. Prints one line for each attempt: what, and `done` or why
/// not. With an argument `--free` it tries without being confined. With `--unfiltered PROGRAM …` it becomes that program
/// instead, on a kernel that seems to take no filters.
@main
struct Probe {
    static func main() throws {
        if CommandLine.arguments[1] == "--unfiltered" {
            try Unfiltered.become(Array(CommandLine.arguments.dropFirst(2)))
        }
        let directory = CommandLine.arguments[1]
        let isFree = CommandLine.arguments.contains("--free")
        if !isFree {
            var settings = WorkerSettings()
            settings.memory = 64 * 1_048_576
            if geteuid() == 0 { settings.identity = WorkerSettings.Identity(user: 65_534, group: 65_534) }
            let report = try Confinement(settings).apply()
            say("filter", report.unfiltered ?? "done")
        }
        attempts(directory)
    }

    private static func attempts(_ directory: String) {
        attempt("read a file", open("/etc/passwd", O_RDONLY))
        attempt("write a file", open(directory + "/new", O_WRONLY | O_CREAT, 0o600))
        attempt("remove a file", unlink(directory + "/old"))
        attempt("look at a file", access("/etc/passwd", R_OK))
        attempt("reach the network", socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        attempt("reach a local service", socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0))
        attempt("signal the parent", kill(getppid(), 0))
        attempt("become root", setuid(0) == 0 && geteuid() == 0 ? 0 : -1)
        attempt("raise a limit", raiseLimit())
        attempt("run a program", spawn())
        attempt("have executable memory", map(PROT_READ | PROT_EXEC, size: 4096))
        attempt("have a page of memory", map(PROT_READ | PROT_WRITE, size: 4096))
        attempt("have much memory", map(PROT_READ | PROT_WRITE, size: 128 * 1_048_576))
    }

    private static func spawn() -> Int32 {
        var pid = pid_t()
        let result = posix_spawn(&pid, "/bin/true", nil, nil, [strdup("true"), nil], [nil])
        errno = result
        return result == 0 ? 0 : -1
    }

    private static func raiseLimit() -> Int32 {
        var limit = rlimit(rlim_cur: 1 << 20, rlim_max: 1 << 20)
        return setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
    }

    private static func map(_ protection: Int32, size: Int) -> Int32 {
        mmap(nil, size, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0
    }

    private static func attempt(_ what: String, _ result: Int32) {
        say(what, result >= 0 ? "done" : "\(errno)")
    }

    private static func say(_ what: String, _ outcome: String) {
        let line = Array("\(what): \(outcome)\n".utf8)
        _ = write(1, line, line.count)
    }
}
