internal import Glibc

extension RemotePath {
    /// The names on the way, without `.`.
    var steps: [[UInt8]] {
        bytes.split(separator: 0x2F).map { Array($0) }.filter { $0 != [0x2E] }
    }
}

extension RemoteEntry {
    init(name: [UInt8], _ status: stat) {
        let kind: Kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .directory
            default: .other
            }
        let changed = status.st_mtim
        // The inode too: a file put in the place of another may keep the other's date.
        self.init(
            name: name, kind: kind, size: UInt64(clamping: status.st_size),
            stamp: "\(changed.tv_sec).\(changed.tv_nsec) \(status.st_ino)",
            modifiedAt: Double(changed.tv_sec) + Double(changed.tv_nsec) / 1e9)
    }
}

extension RemoteFault {
    init(_ fault: OpenDirectory.Fault, _ path: RemotePath) {
        let kind: Kind =
            switch fault.code {
            case ENOENT: .noSuchFile
            case EEXIST: .alreadyExists
            case EACCES, EPERM, EROFS, ELOOP, ENOTDIR, EISDIR, EINVAL, ENAMETOOLONG: .notAllowed
            case ENOSPC, EDQUOT, EFBIG: .tooMuch
            default: .brokenOff
            }
        self.init(kind, "\(path): \(fault)")
    }

    /// What ended a transfer: the caller's closure, when it threw, or the system.
    init(_ error: any Error, endedBy cause: (any Error)?, _ path: RemotePath) {
        if let cause {
            self.init(.stopped, "\(path): ended on our side: \(cause)", cause: cause)
        } else if let fault = error as? OpenDirectory.Fault {
            self.init(fault, path)
        } else {
            self.init(.brokenOff, "\(path): \(error)")
        }
    }
}
