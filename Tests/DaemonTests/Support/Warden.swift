import Foundation

/// Ends daemons that outlive the test process, however that ended: a shell that waits for the end of our side of a
/// pipe and then kills what was named to it and still is the program it was.
final class Warden: Sendable {
    static let shared = try? Warden()

    private let names: FileHandle
    private let shell: RunningProgram

    private init() throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw Program.Fault(description: "no pipe: errno \(errno)") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        names = FileHandle(fileDescriptor: ends[1], closeOnDealloc: true)
        let script = """
            trap '' INT TERM HUP
            while read -r process; do all="$all $process"; done
            for process in $all; do
                [ "$(readlink "/proc/$process/exe")" = "$1" ] && kill -9 "$process"
            done
            """
        shell = try RunningProgram(
            "sh", ["-c", script, "sh", Built.ecluse()],
            input: FileHandle(fileDescriptor: ends[0], closeOnDealloc: true))
    }

    func watch(_ process: Int32) {
        try? names.write(contentsOf: Data("\(process)\n".utf8))
    }
}
