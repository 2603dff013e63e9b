internal import Exchange

/// The steps of putting one set in place at a file server, each of which may be the last of this attempt. No name begins
/// with a dot, because some servers leave those out of their listings.
struct RemotePlacing {
    private let files: any RemoteFiles
    private let root: RemotePath
    private let set: RemotePath
    private let markers: RemotePath
    private let marker: RemotePath

    init(files: any RemoteFiles, root: RemotePath, ticket: Ticket) throws(RemoteFault) {
        self.files = files
        self.root = root
        set = try RemotePlacing.path(root, "\(ticket)")
        markers = try RemotePlacing.path(root, "delivering")
        marker = try RemotePlacing.path(markers, "\(ticket)")
    }

    /// Idempotent. After the marker is begun, all that may be left to do is the last rename.
    func place(_ delivery: Delivery) throws(RemoteFault) {
        let manifest = try RemotePlacing.path(set, "manifest.json")
        let staged = try RemotePlacing.path(set, "manifest.json.part")
        if try files.has(marker) {
            guard try files.has(staged) else { return }
        } else {
            // Without a marker: confirmed before, by a ledger that has forgotten it since.
            if try size(manifest) == UInt64(delivery.manifest.count) { return }
            try makeDirectory(set)
            for file in delivery.files { try upload(file) }
            try write(delivery.manifest, to: staged)
            try makeDirectory(markers)
            try write(Array("\(delivery.ticket)\n".utf8), to: marker)
        }
        try files.rename(staged, to: manifest)
    }

    func forget() throws(RemoteFault) {
        try files.remove(marker)
    }

    private func upload(_ file: Delivery.File) throws(RemoteFault) {
        let held: HeldFile
        do {
            held = try HeldFile(file.path)
        } catch {
            throw RemoteFault(.stopped, error.sentence, cause: error)
        }
        let staged = try RemotePlacing.path(set, "\(file.name.escaped).part")
        try files.write(staged, from: 0) { try held.read(into: $0) }
        try files.rename(staged, to: RemotePlacing.path(set, file.name.escaped))
    }

    private func write(_ bytes: [UInt8], to path: RemotePath) throws(RemoteFault) {
        var rest = bytes[...]
        try files.write(path, from: 0) { buffer in
            let piece = rest.prefix(buffer.count)
            buffer.copyBytes(from: piece)
            rest = rest.dropFirst(piece.count)
            return piece.count
        }
    }

    private func makeDirectory(_ path: RemotePath) throws(RemoteFault) {
        do {
            try files.makeDirectory(path)
        } catch {
            guard error.kind == .alreadyExists else { throw error }
        }
    }

    private func size(_ path: RemotePath) throws(RemoteFault) -> UInt64? {
        do {
            return try files.size(of: path)
        } catch {
            guard error.kind == .noSuchFile else { throw error }
            return nil
        }
    }

    /// Names of ours are always names.
    private static func path(_ directory: RemotePath, _ name: String) throws(RemoteFault) -> RemotePath {
        guard let path = directory.appending(name) else {
            throw RemoteFault(.notAllowed, "'\(name)' cannot be a name at a server.")
        }
        return path
    }
}
