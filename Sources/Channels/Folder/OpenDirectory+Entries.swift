internal import Glibc

/// Entries under names of any bytes, as those have them who write in the directory by other ways. No name may hold
/// NUL or `/`.
extension OpenDirectory {
    /// What lies under the name itself, a link not followed; nil when there is nothing.
    func status(of name: [UInt8]) throws(Fault) -> stat? {
        var status = stat()
        if named(name, { fstatat(descriptor, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0 { return status }
        guard errno != ENOENT else { return nil }
        throw Fault(call: "stat", code: errno)
    }

    /// Opens a regular file for reading; the caller closes.
    func reading(_ name: [UInt8]) throws(Fault) -> Int32 {
        let opened = named(name) {
            openat(descriptor, $0, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        }
        return try regular(opened)
    }

    /// Opens a file for writing; the caller closes. From offset 0 it is made anew, never opened: what lies there may
    /// be another name of a file elsewhere.
    func writing(_ name: [UInt8], from offset: UInt64) throws(Fault) -> Int32 {
        guard offset == 0 else {
            let opened = try regular(
                named(name) { openat(descriptor, $0, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) })
            guard lseek(opened, off_t(clamping: offset), SEEK_SET) >= 0 else {
                defer { close(opened) }
                throw Fault(call: "seek", code: errno)
            }
            return opened
        }
        guard named(name, { unlinkat(descriptor, $0, 0) }) == 0 || errno == ENOENT else {
            throw Fault(call: "replace", code: errno)
        }
        let opened = named(name) {
            openat(descriptor, $0, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o640)
        }
        guard opened >= 0 else { throw Fault(call: "create", code: errno) }
        return opened
    }

    /// Renames an entry into a directory, in the place of one that has the new name.
    func rename(_ name: [UInt8], into other: OpenDirectory, as newName: [UInt8]) throws(Fault) {
        let code = named(name) { old in
            named(newName) { renameat(descriptor, old, other.descriptor, $0) }
        }
        guard code == 0 else { throw Fault(call: "rename", code: errno) }
    }

    /// Removes a file.
    func remove(_ name: [UInt8]) throws(Fault) {
        guard named(name, { unlinkat(descriptor, $0, 0) }) == 0 else {
            throw Fault(call: "remove", code: errno)
        }
    }

    private func regular(_ opened: Int32) throws(Fault) -> Int32 {
        guard opened >= 0 else { throw Fault(call: "open", code: errno) }
        var status = stat()
        guard fstat(opened, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(opened)
            throw Fault(call: "open", code: EACCES)
        }
        return opened
    }

    private func named(_ name: [UInt8], _ body: (UnsafePointer<CChar>) -> Int32) -> Int32 {
        (name.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { preconditionFailure("a name without its end") }
            return body(base)
        }
    }
}
