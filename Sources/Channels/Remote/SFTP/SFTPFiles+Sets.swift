extension SFTPFiles {
    /// Writes the files of one set over each other's waiting times; the last of them, a GO, is begun when the server
    /// has confirmed all others. Throws the first refusal; the last file is then not written.
    public func writeAll(_ files: [RemoteUpload]) throws(RemoteFault) {
        var refusal: RemoteFault?
        try writeAll([files]) { refusal = $1 }
        if let refusal { throw refusal }
    }

    /// As many as keep the line full while others are being confirmed.
    public var filesAtOnce: Int { 2 * SFTPConvoy.filesAtOnce }

    /// The sets wait neither for themselves nor for each other.
    public func writeAll(
        _ sets: [[RemoteUpload]], done: (_ set: Int, _ refusal: RemoteFault?) throws -> Void
    ) throws(RemoteFault) {
        var convoy = SFTPConvoy(sets, self)
        try convoy.run { (set, refusal) throws(RemoteFault) in
            do {
                try done(set, refusal)
            } catch {
                throw talk.broken(by: RemoteFault(.stopped, "stopped here: \(error)", cause: error))
            }
        }
    }
}

/// Files of several sets on their way at once: opened ahead, sent in turn, confirmed behind.
private struct SFTPConvoy {
    /// Open at once; servers allow more, ours 64.
    static let filesAtOnce = 32

    private struct Place {
        let set: Int
        let file: Int
    }

    private let files: SFTPFiles
    private let sets: [[RemoteUpload]]
    /// Of each set, the files before the last that are not settled.
    private var unsettled: [Int]
    private var refusals: [Int: RemoteFault] = [:]
    /// Sets whose last file may go.
    private var complete: [Int] = []
    private var next = Place(set: 0, file: 0)
    private var opening: [(place: Place, id: UInt32)] = []
    private var departed: [(place: Place, file: SFTPFiles.Departed)] = []

    init(_ sets: [[RemoteUpload]], _ files: SFTPFiles) {
        self.sets = sets
        self.files = files
        unsettled = sets.map { $0.count - 1 }
    }

    mutating func run(_ done: (Int, RemoteFault?) throws(RemoteFault) -> Void) throws(RemoteFault) {
        while true {
            while opening.count + departed.count < SFTPConvoy.filesAtOnce, let place = try nextPlace(done) {
                let path = upload(place).path.bytes
                let id = try files.talk.ask(.open(path: path, access: [.write, .create, .truncate]))
                opening.append((place, id))
            }
            if !opening.isEmpty {
                try sendFirst(done)
            } else if departed.isEmpty {
                return
            }
            while departed.count > (opening.isEmpty ? 0 : SFTPConvoy.filesAtOnce / 2) {
                try confirmFirst(done)
            }
        }
    }

    private func upload(_ place: Place) -> RemoteUpload { sets[place.set][place.file] }

    /// The last file of a set that is otherwise there, or the next file of the next set.
    private mutating func nextPlace(
        _ done: (Int, RemoteFault?) throws(RemoteFault) -> Void
    ) throws(RemoteFault) -> Place? {
        if !complete.isEmpty {
            let set = complete.removeFirst()
            return Place(set: set, file: sets[set].count - 1)
        }
        while next.set < sets.count {
            let place = next
            let count = sets[place.set].count
            guard count > 0 else {
                next = Place(set: place.set + 1, file: 0)
                try done(place.set, nil)
                continue
            }
            let isLastBefore = place.file + 2 >= count
            next =
                isLastBefore
                ? Place(set: place.set + 1, file: 0) : Place(set: place.set, file: place.file + 1)
            guard refusals[place.set] != nil else { return place }
            try settle(place, nil, done)
        }
        return nil
    }

    private mutating func sendFirst(
        _ done: (Int, RemoteFault?) throws(RemoteFault) -> Void
    ) throws(RemoteFault) {
        let (place, id) = opening.removeFirst()
        let upload = upload(place)
        do throws(RemoteFault) {
            let handle = try files.talk.handle(of: id, "writing \(files.shown(upload.path))")
            departed.append((place, try files.send(upload.give, to: handle, of: upload.path, from: 0)))
        } catch {
            guard !error.breaksConnection else { throw error }
            try settle(place, error, done)
        }
    }

    private mutating func confirmFirst(
        _ done: (Int, RemoteFault?) throws(RemoteFault) -> Void
    ) throws(RemoteFault) {
        let (place, file) = departed.removeFirst()
        do throws(RemoteFault) {
            try files.confirm(file)
        } catch {
            guard !error.breaksConnection else { throw error }
            return try settle(place, error, done)
        }
        try settle(place, nil, done)
    }

    private mutating func settle(
        _ place: Place, _ refusal: RemoteFault?, _ done: (Int, RemoteFault?) throws(RemoteFault) -> Void
    ) throws(RemoteFault) {
        guard place.file < sets[place.set].count - 1 else { return try done(place.set, refusal) }
        if let refusal, refusals[place.set] == nil { refusals[place.set] = refusal }
        unsettled[place.set] -= 1
        guard unsettled[place.set] == 0 else { return }
        if let refusal = refusals.removeValue(forKey: place.set) {
            try done(place.set, refusal)
        } else {
            complete.append(place.set)
        }
    }
}
