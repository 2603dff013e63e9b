internal import Exchange
internal import Glibc

/// A system call that failed: what was tried, on what, and the error number.
struct SystemFault: Error, Sendable {
    let operation: String
    /// Relative to the directory it was tried in; only names of ours.
    let path: String
    let code: Int32

    var sentence: String { "\(operation) \(path): \(String(cString: strerror(code))) (\(code))" }

    var homeFault: HomeFault {
        switch code {
        case ENOENT: .noSuchFile
        case EEXIST: .alreadyExists
        case ENOSPC, EDQUOT: .outOfSpace
        case EFBIG: .tooLarge
        default: .failed(sentence)
        }
    }

    var spoolFault: SpoolFault { SpoolFault(.disk, sentence) }

    /// Calls again as long as a signal interrupts, and turns a negative result into the fault.
    @discardableResult
    static func retrying<Result: SignedInteger>(
        _ operation: String, _ path: String, _ call: () -> Result
    ) throws(SystemFault) -> Result {
        while true {
            let result = call()
            if result >= 0 { return result }
            let code = errno
            if code != EINTR { throw SystemFault(operation: operation, path: path, code: code) }
        }
    }
}
