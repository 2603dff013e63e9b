internal import Glibc

/// The files below an open directory. Every path is taken step by step from there.
final class FolderFiles: RemoteFiles {
    private let root: OpenDirectory
    private let entries: Int

    init(root: OpenDirectory, entries: Int) {
        self.root = root
        self.entries = entries
    }

    func list(_ directory: RemotePath) throws(RemoteFault) -> [RemoteEntry] {
        try settled(directory) { () throws(OpenDirectory.Fault) in
            let opened = try open(directory.steps)
            let names = try opened.names()
            guard names.count <= entries else { throw OpenDirectory.Fault(call: "list", code: EFBIG) }
            var listed: [RemoteEntry] = []
            for name in names {
                if let status = try opened.status(of: name) { listed.append(RemoteEntry(name: name, status)) }
            }
            return listed
        }
    }

    func read(
        _ path: RemotePath, from offset: UInt64, _ take: (UnsafeRawBufferPointer) throws -> Void
    ) throws(RemoteFault) {
        let file = try settled(path) { () throws(OpenDirectory.Fault) in
            let (directory, name) = try place(path)
            return try directory.reading(name)
        }
        defer { Glibc.close(file) }
        var cause: (any Error)?
        do {
            guard lseek(file, off_t(clamping: offset), SEEK_SET) >= 0 else {
                throw OpenDirectory.Fault(call: "seek", code: errno)
            }
            try FileChunks.read(file) { bytes in
                do {
                    try take(bytes)
                } catch {
                    cause = error
                    throw error
                }
            }
        } catch {
            throw RemoteFault(error, endedBy: cause, path)
        }
    }

    func write(
        _ path: RemotePath, from offset: UInt64, _ give: (UnsafeMutableRawBufferPointer) throws -> Int
    ) throws(RemoteFault) {
        let file = try settled(path) { () throws(OpenDirectory.Fault) in
            let (directory, name) = try place(path)
            return try directory.writing(name, from: offset)
        }
        defer { Glibc.close(file) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)
        defer { buffer.deallocate() }
        var cause: (any Error)?
        do {
            while true {
                let count: Int
                do {
                    count = try give(buffer)
                } catch {
                    cause = error
                    throw error
                }
                guard count > 0 else { break }
                try FileChunks.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]), to: file)
            }
            guard fsync(file) == 0 else { throw OpenDirectory.Fault(call: "sync", code: errno) }
        } catch {
            throw RemoteFault(error, endedBy: cause, path)
        }
    }

    func size(of path: RemotePath) throws(RemoteFault) -> UInt64? {
        try settled(path) { () throws(OpenDirectory.Fault) in
            let (directory, name) = try place(path)
            guard let status = try directory.status(of: name) else {
                throw OpenDirectory.Fault(call: "stat", code: ENOENT)
            }
            return UInt64(clamping: status.st_size)
        }
    }

    func rename(_ path: RemotePath, to newPath: RemotePath) throws(RemoteFault) {
        try settled(path) { () throws(OpenDirectory.Fault) in
            let (directory, name) = try place(path)
            let (other, newName) = try place(newPath)
            try directory.rename(name, into: other, as: newName)
            try other.sync()
            if path.steps.dropLast() != newPath.steps.dropLast() { try directory.sync() }
        }
    }

    func remove(_ path: RemotePath) throws(RemoteFault) {
        try settled(path) { () throws(OpenDirectory.Fault) in
            let (directory, name) = try place(path)
            try directory.remove(name)
            try directory.sync()
        }
    }

    func makeDirectory(_ path: RemotePath) throws(RemoteFault) {
        try settled(path) { () throws(OpenDirectory.Fault) in
            let (directory, name) = try place(path)
            guard try directory.status(of: name) == nil else {
                throw OpenDirectory.Fault(call: "mkdir", code: EEXIST)
            }
            _ = try directory.directory(readable(name), making: true)
        }
    }

    func close() {}

    private func place(
        _ path: RemotePath
    ) throws(OpenDirectory.Fault) -> (directory: OpenDirectory, name: [UInt8]) {
        guard let name = path.steps.last else { throw OpenDirectory.Fault(call: "open", code: EISDIR) }
        return (try open(path.steps.dropLast()), name)
    }

    private func open(_ steps: some Sequence<[UInt8]>) throws(OpenDirectory.Fault) -> OpenDirectory {
        var directory = root
        for step in steps {
            directory = try directory.directory(readable(step), making: false)
        }
        return directory
    }

    /// Directories are named by us, in plain text; none leads upwards.
    private func readable(_ step: [UInt8]) throws(OpenDirectory.Fault) -> String {
        guard step != Array("..".utf8), let name = String(validating: step, as: UTF8.self) else {
            throw OpenDirectory.Fault(call: "open", code: EACCES)
        }
        return name
    }

    /// Says a fault of the system in the words of the contract.
    private func settled<Value>(
        _ path: RemotePath, _ body: () throws(OpenDirectory.Fault) -> Value
    ) throws(RemoteFault) -> Value {
        do throws(OpenDirectory.Fault) {
            return try body()
        } catch {
            throw RemoteFault(error, path)
        }
    }
}
