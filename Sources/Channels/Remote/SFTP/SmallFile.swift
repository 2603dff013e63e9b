internal import Foundation

/// Why a file was not read, in the system's words or ours.
struct SmallFileFault: Error {
    let reason: String
}

/// The whole of a regular file. Never waits, whatever the path leads to.
func readSmallFile(_ path: String, atMost longest: Int) throws(SmallFileFault) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else { throw SmallFileFault(reason: systemReason()) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw SmallFileFault(reason: systemReason()) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw SmallFileFault(reason: "not a file") }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 16 * 1024)
    while true {
        let count = read(descriptor, &piece, piece.count)
        guard count >= 0 else { throw SmallFileFault(reason: systemReason()) }
        guard count > 0 else { return bytes }
        bytes += piece[..<count]
        guard bytes.count <= longest else { throw SmallFileFault(reason: "longer than \(longest) bytes") }
    }
}
