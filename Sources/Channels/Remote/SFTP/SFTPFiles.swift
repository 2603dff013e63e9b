/// The files of one logged-in account at an SFTP server. Requests are pipelined wherever one does not depend on the
/// answer to the other, so that a long line costs little.
public final class SFTPFiles: RemoteFiles {
    let talk: SFTPTalk
    let syncs: Bool
    private let entriesAtMost: Int
    private let renamesInPlace: Bool

    /// Exchanges versions over a wire that is ready.
    init(
        over wire: any SFTPWire, entriesAtMost: Int, syncs: Bool, patience: Duration
    ) throws(RemoteFault) {
        talk = SFTPTalk(over: wire, patience: patience)
        self.entriesAtMost = entriesAtMost
        let extensions = try talk.begin()
        renamesInPlace = extensions.contains(SFTPExtension.posixRename)
        self.syncs = syncs && extensions.contains(SFTPExtension.fsync)
    }

    deinit { talk.close() }

    public func close() { talk.close() }

    public func list(_ directory: RemotePath) throws(RemoteFault) -> [RemoteEntry] {
        var listing = SFTPDirectoryReading(of: directory, talk, entriesAtMost: entriesAtMost)
        return try talk.paced { () throws(RemoteFault) in try listing.run() }
    }

    public func size(of path: RemotePath) throws(RemoteFault) -> UInt64? {
        try size(of: path, told: talk.ask(.status(path: path.bytes)))
    }

    public func sizes(of paths: [RemotePath]) throws(RemoteFault) -> [Result<UInt64?, RemoteFault>] {
        var asked: [UInt32] = []
        for path in paths { asked.append(try talk.ask(.status(path: path.bytes))) }
        var sizes: [Result<UInt64?, RemoteFault>] = []
        for (path, id) in zip(paths, asked) {
            do throws(RemoteFault) {
                sizes.append(.success(try size(of: path, told: id)))
            } catch {
                guard !error.breaksConnection else { throw error }
                sizes.append(.failure(error))
            }
        }
        return sizes
    }

    private func size(of path: RemotePath, told id: UInt32) throws(RemoteFault) -> UInt64? {
        switch try talk.reply(to: id) {
        case .attributes(let attributes): return attributes.size
        case .status(let status) where !status.isOK:
            throw talk.refused(RemoteFault(status, "size of \(shown(path))"))
        default: throw talk.garbled("something else than attributes")
        }
    }

    /// In one step where the server offers `posix-rename@openssh.com`. Elsewhere a file in the way is removed first,
    /// and only when the server has refused to rename over it.
    public func rename(_ path: RemotePath, to newPath: RemotePath) throws(RemoteFault) {
        let deed = "renaming \(shown(path)) to \(shown(newPath))"
        guard !renamesInPlace else {
            return try talk.confirm(talk.ask(.replace(from: path.bytes, to: newPath.bytes)), deed)
        }
        let refusal = try talk.status(of: talk.ask(.rename(from: path.bytes, to: newPath.bytes)))
        guard !refusal.isOK else { return }
        // The file to be renamed must be there before the one in its way goes.
        guard try isThere(path), try isThere(newPath) else { throw talk.refused(RemoteFault(refusal, deed)) }
        try remove(newPath)
        try talk.confirm(talk.ask(.rename(from: path.bytes, to: newPath.bytes)), deed)
    }

    public func remove(_ path: RemotePath) throws(RemoteFault) {
        try talk.confirm(talk.ask(.remove(path: path.bytes)), "removing \(shown(path))")
    }

    public func makeDirectory(_ path: RemotePath) throws(RemoteFault) {
        let status = try talk.status(of: talk.ask(.makeDirectory(path: path.bytes)))
        guard !status.isOK else { return }
        // Version 3 has no code of its own for what is there already.
        let kind: RemoteFault.Kind = try isThere(path) ? .alreadyExists : .notAllowed
        throw talk.refused(RemoteFault(status, "making the directory \(shown(path))", failure: kind))
    }

    func shown(_ path: RemotePath) -> String { peerWords(path.bytes) }

    private func isThere(_ path: RemotePath) throws(RemoteFault) -> Bool {
        do throws(RemoteFault) {
            _ = try size(of: path)
            return true
        } catch {
            guard !error.breaksConnection else { throw error }
            return false
        }
    }
}
