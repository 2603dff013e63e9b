import Foundation

/// The library of the crash campaign (`Tests/Faults/faults.c`) before a daemon's own.
enum FaultLibrary {
    /// What `Instance.start(by:)` takes.
    ///
    /// - Parameters:
    ///   - folder: below the instance; what happens in it is watched.
    ///   - log: where the library writes.
    ///   - settings: its other variables, without `FAULT_`.
    static func launcher(
        for instance: Instance, in folder: String, log: String, _ settings: [String: String]
    ) throws -> [String] {
        let library = instance.scratch.file("faults.so")
        let source = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../Faults/faults.c")
        try Program.need("cc", ["-shared", "-fPIC", "-o", library, source.standardizedFileURL.path, "-ldl"])
        let watched = ["LD_PRELOAD=\(library)", "FAULT_ROOT=\(instance.path(folder))", "FAULT_LOG=\(log)"]
        return ["env"] + watched + settings.map { "FAULT_\($0)=\($1)" }
    }
}
