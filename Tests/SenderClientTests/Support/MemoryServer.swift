import Channels
import Exchange
import Synchronization

/// A file server in memory, whose connections break where a test wants, and a receiver behind it that takes sets.
final class MemoryServer: RemoteServer, Sendable {
    /// What is about to be done.
    enum Call: Sendable, Equatable {
        case connect
        case list(String)
        case read(String)
        case write(String)
        case size(String)
        case remove(String)
    }

    /// How a call ends.
    enum Ending: Sendable {
        case good
        /// The connection breaks before anything happens.
        case cutBefore
        /// It happens, and the connection breaks before we hear of it.
        case cutAfter
        /// Of a write, so many bytes arrive.
        case cutAmid(Int)
        case fault(RemoteFault)
    }

    struct File: Sendable, Equatable {
        var bytes: [UInt8]
        var stamp: Int
    }

    struct Contents: Sendable {
        var directories: [String: [String: File]] = [:]
        var clock = 0
        /// What was done, in its order.
        var log: [Call] = []
        var open = 0
        var mostOpen = 0

        mutating func put(_ bytes: [UInt8], _ name: String, in directory: String) {
            clock += 1
            directories[directory, default: [:]][name] = File(bytes: bytes, stamp: clock)
        }
    }

    let contents = Mutex(Contents())
    let tellsSizes: Bool
    /// The size of a file is told to the connection that wrote it, also when the file is gone.
    let remembersWritten: Bool
    let filesAtOnce: Int
    /// When all files were last written, in seconds since 1970.
    let modifiedAt: Double?
    /// Called under the lock after a file was written.
    private let written: @Sendable (_ directory: String, _ name: String, inout Contents) -> Void
    private let ending: @Sendable (Call) -> Ending

    init(
        directories: [String] = ["IN", "OUT", "INTEST", "OUTTEST", "INTEST-S", "OUTTEST-S"],
        tellsSizes: Bool = true, remembersWritten: Bool = false, filesAtOnce: Int = 1,
        modifiedAt: Double? = nil,
        ending: @escaping @Sendable (Call) -> Ending = { _ in .good },
        written: @escaping @Sendable (String, String, inout Contents) -> Void = { _, _, _ in }
    ) {
        self.tellsSizes = tellsSizes
        self.remembersWritten = remembersWritten
        self.filesAtOnce = filesAtOnce
        self.modifiedAt = modifiedAt
        self.ending = ending
        self.written = written
        contents.withLock { contents in
            for directory in directories { contents.directories[directory] = [:] }
        }
    }

    var address: String { "memory:22" }

    static let logIn = RemoteLogIn(user: "EXPacme", proof: .agent)

    func connect(
        as logIn: RemoteLogIn, until isAbandoned: @escaping @Sendable () -> Bool
    ) throws(RemoteFault) -> any RemoteFiles {
        contents.withLock { $0.log.append(.connect) }
        switch ending(.connect) {
        case .good:
            contents.withLock {
                $0.open += 1
                $0.mostOpen = max($0.mostOpen, $0.open)
            }
            return Connection(server: self)
        case .fault(let fault): throw fault
        case .cutBefore, .cutAfter, .cutAmid: throw RemoteFault(.unreachable, "no route to memory")
        }
    }

    func files(in directory: String) -> [String: [UInt8]] {
        contents.withLock { ($0.directories[directory] ?? [:]).mapValues(\.bytes) }
    }

    func put(_ bytes: [UInt8], _ name: String, in directory: String) {
        contents.withLock { $0.put(bytes, name, in: directory) }
    }

    /// Not Sendable: one thread's, as the contract says.
    final class Connection: RemoteFiles {
        private let server: MemoryServer
        private var isBroken = false
        private var written: [RemotePath: UInt64] = [:]

        var filesAtOnce: Int { server.filesAtOnce }

        init(server: MemoryServer) {
            self.server = server
        }

        func close() {
            if !isBroken { server.contents.withLock { $0.open -= 1 } }
            isBroken = true
        }

        private static let cut = RemoteFault(.brokenOff, "the connection was cut")

        /// Runs `action` with what the plan says.
        private func run<Result>(
            _ call: Call, _ action: (inout Contents, Int?) throws(RemoteFault) -> Result
        ) throws(RemoteFault) -> Result {
            guard !isBroken else { throw RemoteFault(.brokenOff, "used after it was cut") }
            let ending = server.ending(call)
            var amount: Int?
            switch ending {
            case .fault(let fault):
                if fault.breaksConnection { close() }
                throw fault
            case .cutBefore:
                close()
                throw Connection.cut
            case .cutAmid(let count): amount = count
            case .good, .cutAfter: break
            }
            let outcome = server.contents.withLock { contents -> Swift.Result<Result, RemoteFault> in
                contents.log.append(call)
                do throws(RemoteFault) {
                    return .success(try action(&contents, amount))
                } catch {
                    return .failure(error)
                }
            }
            switch ending {
            case .cutAfter, .cutAmid:
                close()
                throw Connection.cut
            default: return try outcome.get()
            }
        }

        private func split(_ path: RemotePath) -> (directory: String, name: String) {
            let elements = path.description.split(separator: "/").map(String.init)
            return (elements.dropLast().joined(separator: "/"), elements.last ?? "")
        }

        func list(_ directory: RemotePath) throws(RemoteFault) -> [RemoteEntry] {
            try run(.list("\(directory)")) { (contents, _) throws(RemoteFault) in
                guard let files = contents.directories["\(directory)"] else {
                    throw RemoteFault(.noSuchFile, "no such directory")
                }
                return files.map { name, file in
                    RemoteEntry(
                        name: Array(name.utf8), kind: .file,
                        size: server.tellsSizes ? UInt64(file.bytes.count) : nil,
                        stamp: "\(file.stamp)", modifiedAt: server.modifiedAt)
                }
            }
        }

        func read(
            _ path: RemotePath, from offset: UInt64, _ take: (UnsafeRawBufferPointer) throws -> Void
        ) throws(RemoteFault) {
            let (directory, name) = split(path)
            let bytes = try run(.read("\(path)")) { (contents, _) throws(RemoteFault) in
                guard let file = contents.directories[directory]?[name] else {
                    throw RemoteFault(.noSuchFile, "no such file")
                }
                return Array(file.bytes.dropFirst(Int(offset)))
            }
            do {
                for start in stride(from: 0, to: bytes.count, by: 100) {
                    try Array(bytes[start..<min(start + 100, bytes.count)]).withUnsafeBytes { try take($0) }
                }
            } catch {
                close()
                throw RemoteFault(.stopped, "stopped", cause: error)
            }
        }

        func write(
            _ path: RemotePath, from offset: UInt64, _ give: (UnsafeMutableRawBufferPointer) throws -> Int
        ) throws(RemoteFault) {
            var bytes: [UInt8] = []
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: 1)
            defer { buffer.deallocate() }
            do {
                while case let count = try give(buffer), count > 0 { bytes += buffer[..<count] }
            } catch {
                close()
                throw RemoteFault(.stopped, "stopped", cause: error)
            }
            let (directory, name) = split(path)
            try run(.write("\(path)")) { (contents, amount) throws(RemoteFault) in
                guard let files = contents.directories[directory] else {
                    throw RemoteFault(.noSuchFile, "no such directory")
                }
                let before = offset == 0 ? [] : Array((files[name]?.bytes ?? []).prefix(Int(offset)))
                guard before.count == offset else { throw RemoteFault(.notAllowed, "a hole in the file") }
                contents.put(before + bytes.prefix(amount ?? bytes.count), name, in: directory)
                if amount == nil { server.written(directory, name, &contents) }
            }
            if server.remembersWritten { written[path] = offset + UInt64(bytes.count) }
        }

        func size(of path: RemotePath) throws(RemoteFault) -> UInt64? {
            let (directory, name) = split(path)
            return try run(.size("\(path)")) { (contents, _) throws(RemoteFault) in
                guard
                    let size = contents.directories[directory]?[name].map({ UInt64($0.bytes.count) })
                        ?? written[path]
                else {
                    throw RemoteFault(.noSuchFile, "no such file")
                }
                return server.tellsSizes ? size : nil
            }
        }

        func rename(_ path: RemotePath, to newPath: RemotePath) throws(RemoteFault) {
            throw RemoteFault(.notAllowed, "nobody renames here")
        }

        func remove(_ path: RemotePath) throws(RemoteFault) {
            let (directory, name) = split(path)
            try run(.remove("\(path)")) { (contents, _) throws(RemoteFault) in
                guard contents.directories[directory]?.removeValue(forKey: name) != nil else {
                    throw RemoteFault(.noSuchFile, "no such file")
                }
            }
        }

        func makeDirectory(_ path: RemotePath) throws(RemoteFault) {
            throw RemoteFault(.notAllowed, "nobody makes directories here")
        }
    }
}
