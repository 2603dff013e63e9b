internal import Exchange
internal import Glibc

/// A directory held open: everything below it is named relative to the handle, and links are not followed.
final class OpenDirectory: Sendable {
    let descriptor: Int32

    /// What a system call said, for the log.
    struct Fault: Error, CustomStringConvertible {
        let call: String
        let code: Int32

        var description: String { "\(call): \(String(cString: strerror(code)))" }
    }

    /// - Parameter making: makes the directory, and those above it, when missing.
    init(path: String, making: Bool) throws(Fault) {
        var opened = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if opened < 0, errno == ENOENT, making {
            try OpenDirectory.make(path)
            opened = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        }
        descriptor = opened
        guard descriptor >= 0 else { throw Fault(call: "open \(path)", code: errno) }
    }

    private init(owning descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    private static func make(_ path: String) throws(Fault) {
        var made = path.hasPrefix("/") ? "" : "."
        for element in path.split(separator: "/") {
            made += "/" + element
            guard mkdir(made, 0o750) == 0 || errno == EEXIST else {
                throw Fault(call: "mkdir \(made)", code: errno)
            }
        }
    }

    /// Opens a directory in this one, making it when asked.
    func directory(_ name: String, making: Bool) throws(Fault) -> OpenDirectory {
        if making, mkdirat(descriptor, name, 0o750) != 0, errno != EEXIST {
            throw Fault(call: "mkdir \(name)", code: errno)
        }
        let opened = openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard opened >= 0 else { throw Fault(call: "open \(name)", code: errno) }
        return OpenDirectory(owning: opened)
    }

    /// The names in it, without `.` and `..`, as bytes.
    func names() throws(Fault) -> [[UInt8]] {
        let copy = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0, let stream = fdopendir(copy) else {
            let code = errno
            if copy >= 0 { close(copy) }
            throw Fault(call: "list", code: code)
        }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        errno = 0
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: UInt8.self, capacity: 256) { bytes in
                    Array(UnsafeBufferPointer(start: bytes, count: strnlen(bytes, 256)))
                }
            }
            if name != [0x2E], name != [0x2E, 0x2E] { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { throw Fault(call: "list", code: errno) }
        return names
    }

    /// - Throws: when that cannot be told: a fault is no answer.
    func exists(_ name: String) throws(Fault) -> Bool {
        if faccessat(descriptor, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0 { return true }
        guard errno == ENOENT else { throw Fault(call: "look for \(name)", code: errno) }
        return false
    }

    /// Makes a file with these bytes, synced. An older one of the name is replaced.
    func write(_ name: String, chunks: (_ write: (UnsafeRawBufferPointer) throws -> Void) throws -> Void)
        throws
    {
        // Made anew, never opened: what lies there may be another name of a file elsewhere.
        guard unlinkat(descriptor, name, 0) == 0 || errno == ENOENT else {
            throw Fault(call: "replace \(name)", code: errno)
        }
        let opened = openat(descriptor, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o640)
        guard opened >= 0 else { throw Fault(call: "create \(name)", code: errno) }
        defer { close(opened) }
        try chunks { bytes in try FileChunks.write(bytes, to: opened) }
        guard fsync(opened) == 0 else { throw Fault(call: "sync \(name)", code: errno) }
    }

    /// Gives a file elsewhere a second name here; false when it lies on another file system.
    func link(_ path: String, as name: String) throws(Fault) -> Bool {
        if linkat(AT_FDCWD, path, descriptor, name, 0) == 0 {
            guard fchmodat(descriptor, name, 0o640, 0) == 0 else {
                throw Fault(call: "chmod \(name)", code: errno)
            }
            return true
        }
        guard errno == EXDEV || errno == EPERM else { throw Fault(call: "link \(name)", code: errno) }
        return false
    }

    /// Gives a file of this directory a second name in another on the same file system.
    func link(_ name: String, into other: OpenDirectory, as newName: String) throws(Fault) {
        guard linkat(descriptor, name, other.descriptor, newName, 0) == 0 || errno == EEXIST else {
            throw Fault(call: "link \(newName)", code: errno)
        }
    }

    func rename(_ name: String, to newName: String) throws(Fault) {
        guard renameat(descriptor, name, descriptor, newName) == 0 else {
            throw Fault(call: "rename \(name)", code: errno)
        }
    }

    /// Removes a file; a missing one is no fault.
    func remove(_ name: FileName) throws(Fault) {
        do {
            try remove(name.bytes)
        } catch {
            guard error.code == ENOENT else { throw error }
        }
    }

    /// Removes a directory in this one with the files in it; a missing one is no fault.
    func removeDirectory(_ name: String) throws(Fault) {
        guard try exists(name) else { return }
        let inner = try directory(name, making: false)
        for file in try inner.names() {
            if let file = FileName(file) { try inner.remove(file) }
        }
        guard unlinkat(descriptor, name, AT_REMOVEDIR) == 0 || errno == ENOENT else {
            throw Fault(call: "remove \(name)", code: errno)
        }
    }

    /// Makes an empty file and removes it, so that the next sync has names to write.
    func writeAnew() throws(Fault) {
        let name = ".written-anew"
        let opened = openat(descriptor, name, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard opened >= 0 else { throw Fault(call: "create \(name)", code: errno) }
        close(opened)
        guard unlinkat(descriptor, name, 0) == 0 || errno == ENOENT else {
            throw Fault(call: "remove \(name)", code: errno)
        }
    }

    func sync() throws(Fault) {
        guard fsync(descriptor) == 0 else { throw Fault(call: "sync directory", code: errno) }
    }
}
