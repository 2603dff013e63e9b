import Foundation
import Testing

/// A spool on a file system that takes nothing any more, as a disk after an error is mounted.
@Suite struct ReadOnlySpoolTests {
    private static let mounts = (try? Program.run("unshare", ["-rm", "true"]))?.status == 0

    @Test(.enabled(if: ReadOnlySpoolTests.mounts, "no mount namespace can be made here"))
    func `a start is refused with the disk's own words, and all is there when it can be written again`()
        throws
    {
        let instance = try Instance()
        try instance.start()
        let client = try SFTPClient(instance, instance.enrol())
        let receipt = try client.send(client.sender.set())
        #expect(instance.stop() == 0)
        let run = try Program.run(
            "unshare",
            [
                "-rm", "sh", "-c",
                """
                mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && exec "$2" serve --config "$3"
                """, "sh", instance.path("spool"), Built.ecluse(), instance.configuration,
            ])
        #expect(run.status == 1)
        #expect(run.errors.contains("Read-only file system"), "\(run.errors)")
        try instance.start()
        #expect(try SFTPClient(instance, client.sender).receipt(for: receipt.fileName) == receipt)
        #expect(try instance.run("spool", "check").status == 0)
    }
}
