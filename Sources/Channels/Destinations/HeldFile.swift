internal import Exchange
internal import Glibc

/// A held file, open for one delivery of it. A fault of it is ours and says nothing of the destination.
final class HeldFile {
    /// In bytes.
    let length: UInt64
    private let path: String
    private let descriptor: Int32

    init(_ path: String) throws(Deferral) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        var status = stat()
        guard descriptor >= 0, fstat(descriptor, &status) == 0 else {
            let words = String(cString: strerror(errno))
            if descriptor >= 0 { close(descriptor) }
            throw HeldFile.fault(path, words)
        }
        length = UInt64(status.st_size)
    }

    deinit {
        close(descriptor)
    }

    /// Fills what it can of the buffer; 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(Deferral) -> Int {
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            guard errno == EINTR else { throw HeldFile.fault(path, String(cString: strerror(errno))) }
        }
    }

    private static func fault(_ path: String, _ words: String) -> Deferral {
        Deferral(.diskFault, "The held file \(path) cannot be read: \(words).")
    }
}
