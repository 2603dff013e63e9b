internal import Foundation

/// What was built with the tests.
public enum BuiltProgram {
    public struct Missing: Error, CustomStringConvertible {
        public let description: String
    }

    /// The executable of that name, beside or above the test bundle.
    public static func path(_ name: String) throws -> String {
        guard let found = above({ "\($0)/\(name)" }) else {
            throw Missing(description: "no executable \(name) beside or above the test bundle; build first")
        }
        return found
    }

    /// The first executable file among the candidates in the folders from the test bundle upwards.
    public static func above(_ candidate: (String) -> String) -> String? {
        var folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent()
        while folder.path != "/" {
            let path = candidate(folder.path)
            var isFolder: ObjCBool = false
            if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue,
                FileManager.default.isExecutableFile(atPath: path)
            {
                return path
            }
            folder.deleteLastPathComponent()
        }
        return nil
    }
}
