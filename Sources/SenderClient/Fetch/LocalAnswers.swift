internal import Exchange
internal import Foundation

/// The directory answers are fetched into. A whole answer has its GO; files appear under their names complete and
/// synced, the GO last.
final class LocalAnswers {
    private let path: String
    private let descriptor: Int32

    /// - Parameter path: made when missing, but not what lies above it.
    init(at path: String) throws(LocalFault) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .system(path) }
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(path) }
        self.path = path
    }

    deinit { close(descriptor) }

    /// Whether an answer of that name is here whole.
    func isWhole(_ answer: OfferedAnswer) -> Bool {
        ([answer.trigger] + answer.files).allSatisfy { size($0.text) != nil }
    }

    /// Whether one of that name is here whole, as far as the sizes tell that the server tells. It may be another all the
    /// same: receivers count their answers each for itself.
    func seemsToHold(_ answer: OfferedAnswer) -> Bool {
        isWhole(answer)
            && answer.parts.allSatisfy { part in
                part.files.allSatisfy { part.sizes[$0.kind] == nil || part.sizes[$0.kind] == size($0.text) }
            }
    }

    /// Whether a file is here under a name, byte for byte.
    func holds(_ file: TemporaryFile, as name: String) -> Bool {
        size(name) != nil && FileManager.default.contentsEqual(atPath: file.path, andPath: place(of: name))
    }

    private func size(_ name: String) -> UInt64? {
        var status = stat()
        guard fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0, status.st_mode & S_IFMT == S_IFREG
        else {
            return nil
        }
        return UInt64(status.st_size)
    }

    /// The path of a file under its own name.
    func place(of name: String) -> String { "\(path)/\(name)" }

    /// A file under a name nobody takes for an answer.
    func temporary(_ name: String) throws(LocalFault) -> TemporaryFile {
        try TemporaryFile(in: descriptor, name: ".\(name).part", path: "\(path)/.\(name).part")
    }

    /// Makes an answer appear: its files in their order, the GO last and only when the others are durable.
    func publish(_ files: [(file: TemporaryFile, name: String)], trigger: String) throws(LocalFault) {
        // A GO from before must not stand over files that are being replaced.
        guard unlinkat(descriptor, trigger, 0) == 0 || errno == ENOENT else { throw .system(trigger) }
        try sync()
        for (file, name) in files { try file.publish(as: name) }
        try sync()
        let mark = try temporary(trigger)
        try mark.publish(as: trigger)
        try sync()
    }

    private func sync() throws(LocalFault) {
        guard fsync(descriptor) == 0 else { throw .system(path) }
    }
}

/// A file being written; removed when it was not published. The one owner of its descriptor.
final class TemporaryFile {
    let path: String
    private let directory: Int32
    private let name: String
    private let descriptor: Int32
    private var isPublished = false

    fileprivate init(in directory: Int32, name: String, path: String) throws(LocalFault) {
        // Made anew, never opened: what lies there may be a link elsewhere.
        guard unlinkat(directory, name, 0) == 0 || errno == ENOENT else { throw .system(path) }
        descriptor = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system(path) }
        self.directory = directory
        self.name = name
        self.path = path
    }

    deinit {
        close(descriptor)
        if !isPublished { unlinkat(directory, name, 0) }
    }

    func empty() throws(LocalFault) {
        guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else { throw .system(path) }
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(LocalFault) {
        var rest = bytes
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw .system(path) }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    fileprivate func publish(as newName: String) throws(LocalFault) {
        guard fsync(descriptor) == 0, renameat(directory, name, directory, newName) == 0 else {
            throw .system(path)
        }
        isPublished = true
    }
}
