import Exchange
import Foundation
import Testing

@Suite struct LyingDiskTests {
    /// Of what a set of one part changes in `held/`: a directory is made, three files are moved in, all is removed. A
    /// directory that was made and reported as failed stays until the spool is opened again.
    @Test(arguments: 2...8)
    func `whichever change of names is done and reported as failed, the set is taken once`(place: Int) throws
    {
        let instance = try Instance()
        let sender = try instance.enrol()
        let log = instance.scratch.file("faults")
        try instance.start(
            by: PreloadLibrary.faults(
                for: instance, in: "spool/held", log: log,
                ["KIND": "lied", "CLASS": "name", "AT": "\(place)"]))
        let client = try SFTPClient(instance, sender)
        let set = try client.sender.set()
        // The GO of a set that cannot be moved yet is refused, and tried again.
        try? client.put(set.files, in: .incoming)
        #expect(try client.receipt(for: set.trigger.name).isAccepted)
        #expect(try eventually { try instance.deliveries(of: set) == 1 })
        #expect(eventually { names(in: instance.path("spool/held")).isEmpty })
        let fired = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        #expect(fired.contains("fired lied"), "nothing happened")
        try instance.must("spool", "check")
    }
}
