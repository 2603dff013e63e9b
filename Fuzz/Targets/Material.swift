internal import Foundation

/// What the script made for this run: keys nobody keeps, certificates and signatures of them, and the repository.
enum Material {
    /// The folder with `authority.pem`, `signer.pem` and `payload`.
    static let folder = path("FUZZ_MATERIAL")
    /// The root of the repository.
    static let repository = path("FUZZ_REPOSITORY")
    /// A folder of this process for files that are read by their path; gone at the end where the system sees to it.
    static let scratch: String = {
        let template = FileManager.default.temporaryDirectory.path + "/ecluse-fuzz-XXXXXX"
        var characters = Array(template.utf8CString)
        guard mkdtemp(&characters) != nil else { fatalError("no scratch folder") }
        return String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }()

    private static func path(_ variable: String) -> String {
        guard let path = ProcessInfo.processInfo.environment[variable] else {
            fatalError("\(variable) is not set: scripts/fuzz does")
        }
        return path
    }

    static func bytes(_ name: String, in folder: String = Material.folder) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: folder + "/" + name) else {
            fatalError("there is no \(name) in \(folder)")
        }
        return Array(data)
    }

    /// Puts bytes into a file of this process and returns its path.
    static func file(_ name: String, holding bytes: [UInt8]) -> String {
        let path = scratch + "/" + name
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        defer { close(descriptor) }
        guard descriptor >= 0, write(descriptor, bytes, bytes.count) == bytes.count else {
            fatalError("\(path) cannot be written")
        }
        return path
    }
}
