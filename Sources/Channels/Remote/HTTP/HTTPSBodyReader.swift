internal import Glibc

/// Reads the pieces of a body one after the other; one file is open at a time.
final class HTTPSBodyReader {
    private let pieces: [HTTPSBody.Piece]
    private var piece = 0
    /// Bytes of the present piece that were handed over.
    private var done: UInt64 = 0
    private var descriptor: Int32 = -1

    init(_ body: HTTPSBody) {
        pieces = body.pieces
    }

    deinit {
        closeFile()
    }

    /// The cause of the fault of a file that cannot be read, or is shorter than was said.
    struct Unreadable: Error {}

    /// Fills what it can of the buffer; 0 at the end. `.stopped` with `Unreadable` where a file fails.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(RemoteFault) -> Int {
        while piece < pieces.count {
            let count =
                switch pieces[piece] {
                case .bytes(let bytes): copy(bytes, into: buffer)
                case .file(let path, let offset, let length):
                    try read(path, from: offset, length: length, into: buffer)
                }
            if count > 0 {
                done += UInt64(count)
                return count
            }
            next(piece + 1)
        }
        return 0
    }

    func rewind() {
        next(0)
    }

    private func next(_ index: Int) {
        closeFile()
        piece = index
        done = 0
    }

    private func copy(_ bytes: [UInt8], into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let rest = bytes.dropFirst(Int(done)).prefix(buffer.count)
        buffer.copyBytes(from: rest)
        return rest.count
    }

    private func read(
        _ path: String, from offset: UInt64, length: UInt64, into buffer: UnsafeMutableRawBufferPointer
    ) throws(RemoteFault) -> Int {
        guard done < length else { return 0 }
        if descriptor < 0 {
            descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw fault(path, String(cString: strerror(errno))) }
        }
        let wanted = Int(min(UInt64(buffer.count), length - done))
        while true {
            let count = pread(descriptor, buffer.baseAddress, wanted, off_t(offset + done))
            if count > 0 { return count }
            if count == 0 { throw fault(path, "it is shorter than it was") }
            guard errno == EINTR else { throw fault(path, String(cString: strerror(errno))) }
        }
    }

    private func fault(_ path: String, _ words: String) -> RemoteFault {
        RemoteFault(.stopped, "The file \(path) to be sent cannot be read: \(words).", cause: Unreadable())
    }

    private func closeFile() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }
}
