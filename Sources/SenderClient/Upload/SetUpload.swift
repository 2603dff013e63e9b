internal import Channels
internal import Exchange

/// How far one set has come on its way to the incoming directory of a server: the files first, the GO when the sizes of
/// all of them agree. One thread's.
final class SetUpload {
    let set: OutgoingSet
    private let directory: RemotePath
    private let bounds: UploadBounds
    private let meter: TransferMeter
    private var progress: [FileProgress]
    private var disagreements = 0
    /// The files of which anything may be at the server through us.
    private var begun: Set<Int> = []
    /// What ended this set alone.
    private(set) var fault: RemoteFault?
    /// True from the moment the GO may have reached the server.
    private(set) var mayBeComplete = false
    private(set) var isSent = false

    /// How far one file has come in this run.
    private struct FileProgress {
        /// Nothing older is at the server under the name, so that what is there is the beginning of this file.
        var isFresh: Bool
        var wasBegun = false
        /// Bytes handed over at the most; the server may have fewer.
        var handed: UInt64 = 0
        /// The server said that it has the file.
        var isConfirmed = false
    }

    /// - Parameter isThere: whether a file of that name lay in the directory before; true when that is not known.
    init(
        _ set: OutgoingSet, in directory: RemotePath, bounds: UploadBounds, meter: TransferMeter,
        isThere: (FileName) -> Bool
    ) {
        self.set = set
        self.directory = directory
        self.bounds = bounds
        self.meter = meter
        progress = set.files.map { FileProgress(isFresh: !isThere($0.name)) }
    }

    /// Neither sent nor ended by a fault.
    var isUnderWay: Bool { !isSent && fault == nil }

    /// The files the server has not confirmed, by their place in the set.
    var unconfirmed: [Int] { self.set.files.indices.filter { !progress[$0].isConfirmed } }

    func path(_ name: FileName) throws(RemoteFault) -> RemotePath {
        guard let path = directory.appending(name.bytes) else {
            throw RemoteFault(.notAllowed, "\(name) cannot be the name of a file at a server")
        }
        return path
    }

    func end(_ fault: RemoteFault) {
        if self.fault == nil { self.fault = fault }
    }

    func noteTrigger() { mayBeComplete = true }

    func noteSent() { isSent = true }

    func noteConfirmed(_ index: Int) { progress[index].isConfirmed = true }

    /// A file must be written by itself: it is long enough to go on where a cut left it.
    func isLong(_ index: Int) -> Bool { set.files[index].size >= bounds.resumable }

    /// Where a long file goes on. Only what this run itself has brought is gone on with: what an earlier one left under
    /// the name may be of another file.
    func offset(of index: Int, _ files: any RemoteFiles) throws(RemoteFault) -> UInt64 {
        let path = try path(set.files[index].name)
        guard progress[index].wasBegun else {
            if !progress[index].isFresh { progress[index].isFresh = try clear(path, files) }
            return 0
        }
        guard progress[index].isFresh, case .success(let size?)? = try files.sizes(of: [path]).first,
            size <= progress[index].handed
        else { return 0 }
        return size
    }

    /// True when nothing is there any more.
    private func clear(_ path: RemotePath, _ files: any RemoteFiles) throws(RemoteFault) -> Bool {
        do {
            try files.remove(path)
            return true
        } catch {
            guard !error.breaksConnection else { throw error }
            return error.kind == .noSuchFile
        }
    }

    /// The file from `offset` on. When it cannot be read as it was, that ends the set.
    ///
    /// - Parameter moved: called whenever bytes were handed over.
    func upload(
        _ index: Int, from offset: UInt64 = 0, moved: @escaping () -> Void
    ) throws(RemoteFault) -> RemoteUpload {
        let file = set.files[index]
        let path = try path(file.name)
        var position = offset
        var reader: ContentReader?
        progress[index].wasBegun = true
        begun.insert(index)
        return RemoteUpload(path) { [self] buffer in
            do throws(LocalFault) {
                let open: ContentReader
                if let reader { open = reader } else { open = try ContentReader(file) }
                let count = try open.read(at: position, into: buffer)
                reader = count > 0 ? open : nil
                position += UInt64(count)
                progress[index].handed = max(progress[index].handed, position)
                meter.place(file.name, at: position)
                moved()
                return count
            } catch {
                let fault = RemoteFault(.stopped, error.description, cause: error)
                end(fault)
                throw fault
            }
        }
    }

    /// Takes what the server says of its files, in their order. One it has in another size will be sent anew; a server
    /// that tells no sizes is believed.
    ///
    /// - Returns: whether all agree.
    func compare(_ sizes: [Result<UInt64?, RemoteFault>]) -> Bool {
        var agree = true
        for (index, size) in sizes.enumerated() {
            switch size {
            case .success(let size) where size == nil || size == set.files[index].size: break
            case .failure(let fault) where fault.kind == .notAllowed: break
            case .failure(let fault) where fault.kind != .noSuchFile: end(fault)
            case .success, .failure:
                progress[index] = FileProgress(isFresh: false)
                agree = false
            }
        }
        if !agree { disagreements += 1 }
        if disagreements >= bounds.attempts {
            end(
                RemoteFault(
                    .notAllowed, "the server has other sizes than were sent to it, again and again"))
        }
        return agree
    }

    /// Removes what was brought of a set whose GO was not sent, as far as the server lets us.
    func withdraw(on link: Link) {
        guard !mayBeComplete else { return }
        for index in begun {
            guard let path = try? path(set.files[index].name) else { continue }
            _ = try? link.run { (files) throws(RemoteFault) in try files.remove(path) }
        }
    }
}

/// What holds for every upload.
struct UploadBounds: Sendable {
    /// Files of at least so many bytes go on where a cut left them; smaller ones begin anew.
    var resumable: UInt64 = 1_048_576
    /// Sets of fewer bytes travel together, where that is faster; larger ones each by itself.
    var together: UInt64 = 1_048_576
    /// Sets of fewer bytes go to a web service in one request; larger ones in pieces.
    var whole: UInt64 = 8_388_608
    /// How often a file is sent whose size at the server does not agree.
    var attempts = 3
    /// Seconds between two looks whether a set was taken.
    var settling = 1.0
}
