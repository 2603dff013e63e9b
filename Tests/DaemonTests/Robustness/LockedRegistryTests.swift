import Exchange
import Foundation
import Testing

/// Another process holds the registry for writing, for as long as it likes.
@Suite struct LockedRegistryTests {
    /// The other process: an open transaction of SQLite.
    private final class Lock {
        private let program: RunningProgram
        private let pipe = Pipe()

        init(on path: String) throws {
            let script = """
                import sqlite3, sys
                connection = sqlite3.connect(sys.argv[1], isolation_level=None)
                connection.execute("BEGIN IMMEDIATE")
                print("held", flush=True)
                sys.stdin.read()
                """
            program = try RunningProgram(
                Built.python(), ["-c", script, path], input: pipe.fileHandleForReading)
            let program = program
            guard eventually(within: 60, { program.output.contains("held") }) else {
                throw Program.Fault(description: "the registry was not locked: \(program.errors)")
            }
        }

        func release() { program.kill() }
    }

    @Test
    func `sets are decided as ever, who would change something is told to try again, and a start succeeds`()
        throws
    {
        let instance = try Instance(Route.changes)
        try instance.start()
        let client = try SFTPClient(instance, instance.enrol())
        let others = try [Route.folder, .web].map { try $0.client(instance) }
        let lock = try Lock(on: instance.path("registry/registry.sqlite"))
        #expect(try client.send(client.sender.set()).isAccepted)
        for other in others { #expect(try other.send(other.sender.set()).isAccepted) }
        let change = try instance.run("sender", "block", client.sender.number)
        #expect(change.status == 75)
        #expect(change.errors.contains("too long"), "\(change.errors)")
        #expect(try instance.run("sender", "list").status == 0)

        #expect(instance.stop() == 0)
        try instance.start()
        let again = try SFTPClient(instance, client.sender)
        #expect(try again.send(again.sender.set()).isAccepted)
        for other in others { #expect(try other.send(other.sender.set()).isAccepted) }
        lock.release()
        #expect(try instance.run("sender", "block", client.sender.number).status == 0)
        #expect(eventually { (try? again.list(.incoming)) == nil })
    }
}
