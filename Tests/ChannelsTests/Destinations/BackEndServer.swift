import Channels
import Exchange
import Synchronization

/// A file server in memory, with a back-end that may take sets away, and a cable that may be cut at any call.
final class BackEndServer: RemoteServer {
    /// When a call is cut: before the server has heard of it, in the middle, or before we hear that it was done.
    enum Cut: CaseIterable, Sendable { case before, within, after }

    struct State {
        var files: [String: [UInt8]] = [:]
        var directories: Set<String> = ["drop"]
        /// What each set was when its manifest appeared, by directory; taken away at once when `isTaking`.
        var appeared: [String: [[String: [UInt8]]]] = [:]
        var calls = 0
        var connections = 0
        var open = 0
        var mostOpen = 0
    }

    private let state = Mutex(State())
    private let isTaking: Bool
    private let tellsSizes: Bool
    private let cut: @Sendable (_ call: Int) -> Cut?
    let address = "files.example:22"

    init(
        taking: Bool = false, tellingSizes: Bool = true,
        cut: @escaping @Sendable (_ call: Int) -> Cut? = { _ in nil }
    ) {
        isTaking = taking
        tellsSizes = tellingSizes
        self.cut = cut
    }

    var now: State { state.withLock { $0 } }

    func change(_ body: (inout State) -> Void) {
        state.withLock { body(&$0) }
    }

    func connect(
        as logIn: RemoteLogIn, until isAbandoned: @escaping @Sendable () -> Bool
    ) throws(RemoteFault) -> any RemoteFiles {
        state.withLock {
            $0.connections += 1
            $0.open += 1
            $0.mostOpen = max($0.mostOpen, $0.open)
        }
        return Files(self)
    }

    /// Counts a call and runs what it does, unless the cable is cut.
    private func call<Result>(
        _ effect: (inout State, _ isHalf: Bool) throws(RemoteFault) -> Result
    ) throws(RemoteFault) -> Result {
        let number = state.withLock { state in
            state.calls += 1
            return state.calls
        }
        let cut = cut(number)
        let broken = RemoteFault(.brokenOff, "The cable is cut.")
        if cut == .before { throw broken }
        // The mutex cannot rethrow a typed error of a generic body, so it is carried out.
        let outcome: Swift.Result<Result, RemoteFault> = state.withLock { state in
            do throws(RemoteFault) {
                return .success(try effect(&state, cut == .within))
            } catch {
                return .failure(error)
            }
        }
        if cut != nil { throw broken }
        return try outcome.get()
    }

    private func noteManifest(_ path: String, in state: inout State) {
        guard path.hasSuffix("/manifest.json") else { return }
        let set = String(path.dropLast("/manifest.json".count))
        let inside = state.files.filter { $0.key.hasPrefix(set + "/") }
        state.appeared[set, default: []].append(inside)
        guard isTaking else { return }
        state.files = state.files.filter { inside[$0.key] == nil }
        state.directories.remove(set)
    }

    /// One connection; after a cut nothing works any more.
    private final class Files: RemoteFiles {
        private let server: BackEndServer
        private var isOpen = true

        init(_ server: BackEndServer) {
            self.server = server
        }

        private func call<Result>(
            _ effect: (inout State, _ isHalf: Bool) throws(RemoteFault) -> Result
        ) throws(RemoteFault) -> Result {
            guard isOpen else { throw RemoteFault(.garbled, "This connection is closed.") }
            return try server.call(effect)
        }

        func list(_ directory: RemotePath) throws(RemoteFault) -> [RemoteEntry] {
            try call { state, _ throws(RemoteFault) in
                guard state.directories.contains(directory.description) else {
                    throw RemoteFault(.noSuchFile, "no directory \(directory)")
                }
                let prefix = directory.description + "/"
                return state.files.filter { $0.key.hasPrefix(prefix) }.map {
                    RemoteEntry(
                        name: Array($0.key.dropFirst(prefix.count).utf8), kind: .file,
                        size: UInt64($0.value.count),
                        stamp: "", modifiedAt: nil)
                }
            }
        }

        func read(
            _ path: RemotePath, from offset: UInt64, _ take: (UnsafeRawBufferPointer) throws -> Void
        ) throws(RemoteFault) {
            throw RemoteFault(.notAllowed, "Nothing is read here.")
        }

        func write(
            _ path: RemotePath, from offset: UInt64, _ give: (UnsafeMutableRawBufferPointer) throws -> Int
        ) throws(RemoteFault) {
            let directory = path.description.split(separator: "/").dropLast().joined(separator: "/")
            var bytes: [UInt8] = []
            do {
                var buffer = [UInt8](repeating: 0, count: 7)
                while case let count = try buffer.withUnsafeMutableBytes(give), count > 0 {
                    bytes += buffer.prefix(count)
                }
            } catch {
                throw RemoteFault(.stopped, "Ended from our side.", cause: error)
            }
            try call { state, isHalf throws(RemoteFault) in
                guard state.directories.contains(directory) else {
                    throw RemoteFault(.noSuchFile, "no directory \(directory)")
                }
                state.files[path.description] = isHalf ? Array(bytes.prefix(bytes.count / 2)) : bytes
                server.noteManifest(path.description, in: &state)
            }
        }

        func size(of path: RemotePath) throws(RemoteFault) -> UInt64? {
            try call { state, _ throws(RemoteFault) in
                guard server.tellsSizes else { return nil }
                guard let file = state.files[path.description] else {
                    throw RemoteFault(.noSuchFile, "no file \(path)")
                }
                return UInt64(file.count)
            }
        }

        func rename(_ path: RemotePath, to newPath: RemotePath) throws(RemoteFault) {
            try call { state, isHalf throws(RemoteFault) in
                guard let file = state.files[path.description] else {
                    throw RemoteFault(.noSuchFile, "no file \(path)")
                }
                // In two steps, as at a server that renames over nothing.
                state.files[newPath.description] = nil
                if isHalf { return }
                state.files[path.description] = nil
                state.files[newPath.description] = file
                server.noteManifest(newPath.description, in: &state)
            }
        }

        func remove(_ path: RemotePath) throws(RemoteFault) {
            try call { state, _ throws(RemoteFault) in
                guard state.files.removeValue(forKey: path.description) != nil else {
                    throw RemoteFault(.noSuchFile, "no file \(path)")
                }
            }
        }

        func makeDirectory(_ path: RemotePath) throws(RemoteFault) {
            try call { state, _ throws(RemoteFault) in
                guard state.directories.insert(path.description).inserted else {
                    throw RemoteFault(.alreadyExists, "there is \(path)")
                }
            }
        }

        func close() {
            guard isOpen else { return }
            isOpen = false
            server.state.withLock { $0.open -= 1 }
        }
    }
}
