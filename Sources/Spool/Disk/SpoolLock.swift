internal import Glibc
internal import Synchronization

/// The lock file of a spool. It holds the number of the process that owns the spool; the kernel lets go of
/// the lock when that process ends, however it ends.
final class SpoolLock: Sendable {
    private let descriptor: Mutex<Int32?>

    /// - Throws: `SpoolFault.inUse` naming the owner.
    init(in root: String) throws(SpoolFault) {
        let path = "\(root)/lock"
        let opened = Glibc.open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard opened >= 0 else {
            throw SystemFault(operation: "open", path: path, code: errno).spoolFault
        }
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            let owner = SpoolLock.owner(opened)
            _ = Glibc.close(opened)
            if code != EWOULDBLOCK {
                throw SystemFault(operation: "flock", path: path, code: code).spoolFault
            }
            throw SpoolFault(.inUse, "The spool \(root) is in use by process \(owner).")
        }
        let text = Array("\(getpid())\n".utf8)
        guard ftruncate(opened, 0) == 0, pwrite(opened, text, text.count, 0) == text.count else {
            let code = errno
            _ = Glibc.close(opened)
            throw SystemFault(operation: "write", path: path, code: code).spoolFault
        }
        descriptor = Mutex(opened)
    }

    deinit {
        release()
    }

    func release() {
        descriptor.withLock { descriptor in
            if let open = descriptor { _ = Glibc.close(open) }
            descriptor = nil
        }
    }

    private static func owner(_ descriptor: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 20)
        let count = pread(descriptor, &buffer, buffer.count, 0)
        let digits = buffer.prefix(max(0, count)).prefix { (0x30...0x39).contains($0) }
        return digits.isEmpty ? "unknown" : String(decoding: digits, as: UTF8.self)
    }
}
