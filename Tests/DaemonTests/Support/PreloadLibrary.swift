import Foundation

/// A library of `Tests/Faults` before a daemon's own.
enum PreloadLibrary {
    /// What `Instance.start(by:)` takes.
    ///
    /// - Parameter settings: environment variables of the library.
    static func launcher(_ name: String, for instance: Instance, _ settings: [String: String]) throws
        -> [String]
    {
        let library = instance.scratch.file("\(name).so")
        let source = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../Faults/\(name).c")
        let code = source.standardizedFileURL.path
        // Swift's own: a machine may have no other compiler.
        try Program.need("clang", ["-shared", "-fPIC", "-o", library, code, "-ldl"])
        return ["env", "LD_PRELOAD=\(library)"] + settings.map { "\($0)=\($1)" }
    }

    /// The one of the crash campaign.
    ///
    /// - Parameters:
    ///   - folder: below the instance; what happens in it is watched.
    ///   - log: where the library writes.
    ///   - settings: its other variables, without `FAULT_`.
    static func faults(
        for instance: Instance, in folder: String, log: String, _ settings: [String: String]
    ) throws -> [String] {
        let place = ["FAULT_ROOT": instance.path(folder), "FAULT_LOG": log]
        return try launcher(
            "faults", for: instance,
            settings.reduce(into: place) { variables, entry in variables["FAULT_\(entry.key)"] = entry.value }
        )
    }
}
