internal import Glibc

/// An open directory of the spool. Every file operation is relative to one; paths below it are made of names
/// of ours only (`FileName.escaped`, sender numbers, mailboxes, tickets), and a link is never followed.
final class Directory: Sendable {
    private let descriptor: Int32
    private let path: String
    private let syncs = SharedSyncs()

    private init(owning descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit {
        _ = Glibc.close(descriptor)
    }

    /// Opens a directory by a path of the operator's, making the last element when missing.
    static func open(at path: String, creating: Bool) throws(SystemFault) -> Directory {
        if creating, mkdir(path, 0o700) != 0, errno != EEXIST {
            throw SystemFault(operation: "mkdir", path: path, code: errno)
        }
        let descriptor = try SystemFault.retrying("open", path) {
            Glibc.open(path, O_DIRECTORY | O_RDONLY | O_CLOEXEC)
        }
        return Directory(owning: descriptor, path: path)
    }

    /// Opens a directory below this one.
    func directory(_ name: String) throws(SystemFault) -> Directory {
        let flags = O_DIRECTORY | O_RDONLY | O_NOFOLLOW | O_CLOEXEC
        let opened = try SystemFault.retrying("open", name) { openat(descriptor, name, flags) }
        return Directory(owning: opened, path: "\(path)/\(name)")
    }

    /// True when it was made, false when it was there.
    @discardableResult
    func makeDirectory(_ name: String) throws(SystemFault) -> Bool {
        if mkdirat(descriptor, name, 0o700) == 0 { return true }
        if errno == EEXIST { return false }
        throw SystemFault(operation: "mkdir", path: name, code: errno)
    }

    func removeDirectory(_ name: String) throws(SystemFault) {
        try Directory.settling("rmdir", name, wasDone: { () throws(SystemFault) in try status(name) == nil })
        {
            unlinkat(descriptor, name, AT_REMOVEDIR)
        }
        syncs.forget(name)
    }

    /// Removes a directory and the files in it, in the order of their names; nothing when it is not there.
    func removeDirectoryWithFiles(_ name: String) throws(SystemFault) {
        for file in try names(in: name).sorted() { try remove("\(name)/\(file)") }
        if try status(name) != nil { try removeDirectory(name) }
    }

    /// Moves a directory, keeping its name. Fails when there is one with something in it (POSIX rename).
    func moveDirectory(_ name: String, to directory: Directory) throws(SystemFault) {
        try Directory.settling(
            "rename", name, wasDone: { () throws(SystemFault) in try isMoved(name, to: directory, name) }
        ) {
            renameat(descriptor, name, directory.descriptor, name)
        }
        syncs.hand(name, to: directory.syncs)
    }

    /// Runs a call that may have done all it was to do and still report an error: the disk is asked then. Whether it
    /// is durable, the sync of the directory tells.
    private static func settling(
        _ operation: String, _ path: String, wasDone: () throws(SystemFault) -> Bool, _ call: () -> Int32
    ) throws(SystemFault) {
        do throws(SystemFault) {
            try SystemFault.retrying(operation, path, call)
        } catch {
            // What was not there cannot have been moved by this call.
            guard error.code != ENOENT, try wasDone() else { throw error }
        }
    }

    private func isMoved(_ name: String, to directory: Directory, _ newName: String) throws(SystemFault)
        -> Bool
    {
        guard try status(name) == nil else { return false }
        return try directory.status(newName) != nil
    }

    func open(_ name: String, forWriting: Bool = false) throws(SystemFault) -> OpenFile {
        let flags = (forWriting ? O_RDWR : O_RDONLY) | O_NOFOLLOW | O_CLOEXEC
        let opened = try SystemFault.retrying("open", name) { openat(descriptor, name, flags) }
        return OpenFile(owning: opened, path: name)
    }

    /// Makes a file in the place of one that nothing is known of: a call that made it and reported an error left it.
    func createAnew(_ name: String) throws(SystemFault) -> OpenFile {
        do throws(SystemFault) {
            return try create(name)
        } catch {
            guard error.code == EEXIST else { throw error }
            try remove(name)
            return try create(name)
        }
    }

    /// Makes a file that must not be there.
    func create(_ name: String) throws(SystemFault) -> OpenFile {
        let flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let opened = try SystemFault.retrying("create", name) { openat(descriptor, name, flags, 0o600) }
        return OpenFile(owning: opened, path: name)
    }

    /// Leaves a file to its owner alone, when it is there. It is not opened: closing it would end the locks
    /// other connections of this process hold on it.
    func makePrivate(_ name: String) throws(SystemFault) {
        guard try status(name) != nil else { return }
        try SystemFault.retrying("chmod", name) { fchmodat(descriptor, name, 0o600, 0) }
    }

    /// Renames without ever replacing: an existing target is EEXIST.
    func move(_ name: String, to directory: Directory, _ newName: String) throws(SystemFault) {
        try Directory.settling(
            "rename", name, wasDone: { () throws(SystemFault) in try isMoved(name, to: directory, newName) }
        ) {
            RenameWithoutReplacing.call(descriptor, name, directory.descriptor, newName)
        }
    }

    /// Renames inside this directory, replacing what has the new name.
    func replace(_ newName: String, with name: String) throws(SystemFault) {
        try Directory.settling(
            "rename", name, wasDone: { () throws(SystemFault) in try isMoved(name, to: self, newName) }
        ) {
            renameat(descriptor, name, descriptor, newName)
        }
    }

    /// Gives a file the time of now.
    func touch(_ name: String) throws(SystemFault) {
        try SystemFault.retrying("utimens", name) { utimensat(descriptor, name, nil, AT_SYMLINK_NOFOLLOW) }
    }

    /// False when there was none.
    @discardableResult
    func remove(_ name: String) throws(SystemFault) -> Bool {
        if unlinkat(descriptor, name, 0) == 0 { return true }
        let code = errno
        if code == ENOENT { return false }
        guard try status(name) == nil else { throw SystemFault(operation: "unlink", path: name, code: code) }
        return true
    }

    /// Nil when there is none.
    func status(_ name: String) throws(SystemFault) -> FileStatus? {
        var status = stat()
        if fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 { return FileStatus(status) }
        if errno == ENOENT { return nil }
        throw SystemFault(operation: "stat", path: name, code: errno)
    }

    /// The names in a directory below (or `.`), without `.` and `..`; empty when it is not there.
    func names(in name: String) throws(SystemFault) -> [String] {
        let flags = O_DIRECTORY | O_RDONLY | O_NOFOLLOW | O_CLOEXEC
        let opened = openat(descriptor, name, flags)
        if opened < 0 {
            if errno == ENOENT { return [] }
            throw SystemFault(operation: "open", path: name, code: errno)
        }
        guard let stream = fdopendir(opened) else {
            let code = errno
            _ = Glibc.close(opened)
            throw SystemFault(operation: "opendir", path: name, code: code)
        }
        defer { closedir(stream) }
        return try Directory.read(stream, name)
    }

    private static func read(_ stream: OpaquePointer, _ path: String) throws(SystemFault) -> [String] {
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw SystemFault(operation: "readdir", path: path, code: errno) }
                return names
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
            }
            if name != "." && name != ".." { names.append(name) }
        }
    }

    /// Syncs the entries of a directory below, or of this one: once for all threads that ask while another sync of it
    /// is under way.
    func sync(_ name: String = ".") throws(SystemFault) {
        try syncs.sync(name) { () throws(SystemFault) in try syncNow(name) }
    }

    private func syncNow(_ name: String) throws(SystemFault) {
        let flags = O_DIRECTORY | O_RDONLY | O_NOFOLLOW | O_CLOEXEC
        let opened = try SystemFault.retrying("open", name) { openat(descriptor, name, flags) }
        try OpenFile(owning: opened, path: name).sync()
    }

    /// Bytes an ordinary process may still write on this disk.
    func freeBytes() throws(SystemFault) -> UInt64 {
        var status = statvfs()
        try SystemFault.retrying("statvfs", path) { fstatvfs(descriptor, &status) }
        return UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue
    }
}

/// `renameat2` with RENAME_NOREPLACE. Glibc has it since 2.28, but its header shows it to GNU sources only.
private enum RenameWithoutReplacing {
    private typealias Function =
        @convention(c) (Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32) -> Int32

    private static let function: Function? = dlsym(nil, "renameat2").map {
        unsafeBitCast($0, to: Function.self)
    }

    static func call(_ from: Int32, _ name: String, _ to: Int32, _ newName: String) -> Int32 {
        if let function {
            let result = function(from, name, to, newName, 1)
            if result == 0 || (errno != ENOSYS && errno != EINVAL) { return result }
        }
        // A file system without the flag: a hard link does not replace either. A crash in between leaves two
        // names of one file, which recovery knows by the inode.
        guard linkat(from, name, to, newName, 0) == 0 else { return -1 }
        return unlinkat(from, name, 0)
    }
}
