import Foundation
import Glibc

/// The order in which files of a directory were removed, or appeared under their names, as the kernel saw it.
final class DirectoryWatch {
    private let descriptor: Int32

    init(_ path: String) throws {
        descriptor = inotify_init1(Int32(O_NONBLOCK | O_CLOEXEC))
        guard descriptor >= 0, inotify_add_watch(descriptor, path, UInt32(IN_DELETE | IN_MOVED_TO)) >= 0
        else {
            throw CorpusFault(sentence: "\(path) cannot be watched")
        }
    }

    deinit { close(descriptor) }

    /// The names since the last call.
    func names() -> [String] {
        var names: [String] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = read(descriptor, &buffer, buffer.count), count > 0 {
            var offset = 0
            while offset + MemoryLayout<inotify_event>.size <= count {
                let event = buffer.withUnsafeBytes {
                    $0.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
                }
                offset += MemoryLayout<inotify_event>.size
                let name = buffer[offset..<offset + Int(event.len)].prefix { $0 != 0 }
                names.append(String(decoding: name, as: UTF8.self))
                offset += Int(event.len)
            }
        }
        return names
    }
}
