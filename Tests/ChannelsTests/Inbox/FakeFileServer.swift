import Synchronization

@testable import Channels

/// A file server in memory whose calls can fail before or after their effect.
final class FakeFileServer: RemoteServer {
    struct File: Equatable {
        var bytes: [UInt8]
        var revision: Int
        var modifiedAt: Double?
    }

    /// One call, as `trouble` judges it.
    struct Call {
        /// `connect`, `list`, `read`, `write`, `size`, `rename`, `remove`, `make`.
        let kind: String
        /// The path, or the user who connects.
        let target: String
    }

    enum Fate {
        case fine
        /// Fails without effect.
        case fails(RemoteFault.Kind)
        /// The connection ends after the effect, or in the middle of a transfer.
        case breaksAfterwards
    }

    /// A structure, because a function in a `Mutex` is wrapped once more with every access.
    private struct Trouble {
        let judge: @Sendable (Call) -> Fate
    }

    struct State {
        var files: [String: File] = [:]
        var directories: Set<String> = []
        var lastRevision = 0
        var calls: [String] = []
        var open = 0
        var mostOpen = 0
    }

    let address = "fake:21"
    let state = Mutex(State())
    private let trouble = Mutex(Trouble { _ in .fine })
    /// Sizes told in place of the true ones.
    let lies = Mutex<[String: UInt64]>([:])
    /// Says that it removes files, and keeps them.
    let keepsRemoved = Mutex(false)
    /// Gives every file the same stamp, as listings by the minute do.
    let isCoarse = Mutex(false)
    /// Leaves names out of its listings that begin with a dot.
    let hidesDots = Mutex(false)
    /// Lists by another command than before, whose stamps are others.
    let form = Mutex(Form.machine)

    enum Form {
        case machine
        /// By the minute, and not to be read as a date.
        case human
        /// Names only; not even what they stand for.
        case names
    }

    func fail(_ trouble: @escaping @Sendable (Call) -> Fate) {
        self.trouble.withLock { $0 = Trouble(judge: trouble) }
    }

    func judge(_ kind: String, _ target: String) -> Fate {
        state.withLock { $0.calls.append("\(kind) \(target)") }
        return trouble.withLock { $0 }.judge(Call(kind: kind, target: target))
    }

    func connect(
        as logIn: RemoteLogIn, until isAbandoned: @escaping @Sendable () -> Bool
    ) throws(RemoteFault) -> any RemoteFiles {
        if case .fails(let kind) = judge("connect", logIn.user) { throw RemoteFault(kind, "refused") }
        state.withLock {
            $0.open += 1
            $0.mostOpen = max($0.mostOpen, $0.open)
        }
        return FakeFiles(server: self)
    }

    // What the sender does, without faults.

    func makeHome(_ home: String) {
        state.withLock { state in
            for name in ["IN", "OUT", "INTEST", "OUTTEST", "INTEST-S", "OUTTEST-S"] {
                state.directories.insert("\(home)/\(name)")
            }
        }
    }

    func put(_ path: String, _ bytes: [UInt8] = [], modifiedAt: Double? = nil) {
        state.withLock { state in
            state.lastRevision += 1
            state.files[path] = File(bytes: bytes, revision: state.lastRevision, modifiedAt: modifiedAt)
        }
    }

    func take(_ path: String) -> [UInt8]? {
        state.withLock { $0.files.removeValue(forKey: path)?.bytes }
    }

    func bytes(_ path: String) -> [UInt8]? { state.withLock { $0.files[path]?.bytes } }

    /// Names in a directory, sorted.
    func names(_ directory: String) -> [String] {
        state.withLock { state in
            state.files.keys.filter { $0.hasPrefix(directory + "/") }
                .map { String($0.dropFirst(directory.count + 1)) }.sorted()
        }
    }

    /// The calls of this kind since the last time.
    func calls(_ kind: String) -> [String] {
        state.withLock { state in
            defer { state.calls = [] }
            return state.calls.filter { $0.hasPrefix(kind + " ") }.map {
                String($0.dropFirst(kind.count + 1))
            }
        }
    }
}

final class FakeFiles: RemoteFiles {
    private let server: FakeFileServer
    private var isOpen = true

    init(server: FakeFileServer) {
        self.server = server
    }

    deinit { close() }

    func close() {
        if isOpen { server.state.withLock { $0.open -= 1 } }
        isOpen = false
    }

    /// Does the effect, or fails before it, or after.
    private func call<Value>(
        _ kind: String, _ path: RemotePath, _ effect: (String) throws(RemoteFault) -> Value
    ) throws(RemoteFault) -> Value {
        precondition(isOpen, "a call after the end of the connection")
        let target = String(decoding: path.bytes, as: UTF8.self)
        switch server.judge(kind, target) {
        case .fine: return try effect(target)
        case .fails(let kind): throw RemoteFault(kind, "failed: \(target)")
        case .breaksAfterwards:
            _ = try effect(target)
            throw RemoteFault(.brokenOff, "broken off: \(target)")
        }
    }

    func list(_ directory: RemotePath) throws(RemoteFault) -> [RemoteEntry] {
        try call("list", directory) { target throws(RemoteFault) in
            let isCoarse = server.isCoarse.withLock { $0 }
            let hidesDots = server.hidesDots.withLock { $0 }
            let form = server.form.withLock { $0 }
            let lies = server.lies.withLock { $0 }
            let found = server.state.withLock { state -> [RemoteEntry]? in
                guard state.directories.contains(target) else { return nil }
                return state.files.filter { path, _ in
                    path.hasPrefix(target + "/") && !(hidesDots && path.hasPrefix(target + "/."))
                }.map { path, file in
                    RemoteEntry(
                        name: Array(path.utf8.dropFirst(target.utf8.count + 1)),
                        kind: form == .names ? .other : .file,
                        size: form == .names ? nil : lies[path] ?? UInt64(file.bytes.count),
                        stamp: form == .human ? "Nov 21 12:25" : isCoarse ? "now" : "\(file.revision)",
                        modifiedAt: form == .machine ? file.modifiedAt : nil)
                }
            }
            guard let found else { throw RemoteFault(.noSuchFile, "no such directory: \(target)") }
            return found.shuffled()
        }
    }

    func read(
        _ path: RemotePath, from offset: UInt64, _ take: (UnsafeRawBufferPointer) throws -> Void
    ) throws(RemoteFault) {
        let target = String(decoding: path.bytes, as: UTF8.self)
        let fate = server.judge("read", target)
        if case .fails(let kind) = fate { throw RemoteFault(kind, "failed: \(target)") }
        guard let bytes = server.bytes(target) else {
            throw RemoteFault(.noSuchFile, "no such file: \(target)")
        }
        var rest = bytes.dropFirst(Int(offset))
        if case .breaksAfterwards = fate { rest = rest.prefix(rest.count / 2) }
        for start in stride(from: rest.startIndex, to: rest.endIndex, by: 7) {
            do {
                try Array(rest[start..<min(start + 7, rest.endIndex)]).withUnsafeBytes { try take($0) }
            } catch {
                throw RemoteFault(.stopped, "stopped", cause: error)
            }
        }
        if case .breaksAfterwards = fate { throw RemoteFault(.brokenOff, "broken off: \(target)") }
    }

    func write(
        _ path: RemotePath, from offset: UInt64, _ give: (UnsafeMutableRawBufferPointer) throws -> Int
    ) throws(RemoteFault) {
        try call("write", path) { target throws(RemoteFault) in
            var bytes: [UInt8] = []
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 5, alignment: 1)
            defer { buffer.deallocate() }
            do {
                while case let count = try give(buffer), count > 0 { bytes += buffer[..<count] }
            } catch {
                throw RemoteFault(.stopped, "stopped", cause: error)
            }
            server.put(target, bytes)
        }
    }

    func size(of path: RemotePath) throws(RemoteFault) -> UInt64? {
        try call("size", path) { target throws(RemoteFault) in
            guard let bytes = server.bytes(target) else {
                throw RemoteFault(.noSuchFile, "no such file: \(target)")
            }
            return UInt64(bytes.count)
        }
    }

    func rename(_ path: RemotePath, to newPath: RemotePath) throws(RemoteFault) {
        try call("rename", path) { target throws(RemoteFault) in
            let isDone = server.state.withLock { state -> Bool in
                guard let file = state.files.removeValue(forKey: target) else { return false }
                state.files[String(decoding: newPath.bytes, as: UTF8.self)] = file
                return true
            }
            guard isDone else { throw RemoteFault(.noSuchFile, "no such file: \(target)") }
        }
    }

    func remove(_ path: RemotePath) throws(RemoteFault) {
        try call("remove", path) { target throws(RemoteFault) in
            guard !server.keepsRemoved.withLock({ $0 }) else { return }
            guard server.take(target) != nil else {
                throw RemoteFault(.noSuchFile, "no such file: \(target)")
            }
        }
    }

    func makeDirectory(_ path: RemotePath) throws(RemoteFault) {
        try call("make", path) { target throws(RemoteFault) in
            guard server.state.withLock({ $0.directories.insert(target).inserted }) else {
                throw RemoteFault(.alreadyExists, "already there: \(target)")
            }
        }
    }
}
