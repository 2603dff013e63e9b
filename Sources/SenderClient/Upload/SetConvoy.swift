internal import Channels

/// Brings sets together over one connection, or as many as it takes: first the files of all, then the sizes of all are
/// compared, then the GO of each goes whose files are complete at the server. What the server can do at once does not
/// wait for each other. One thread's.
struct SetConvoy {
    let uploads: [SetUpload]
    let bounds: UploadBounds
    let timing: Timing
    /// Told of each set, by its place in `uploads`, before its GO goes.
    let going: (Int) -> Void
    /// The same, as soon as its GO is confirmed.
    let sent: (Int) -> Void

    private var open: [Int] { uploads.indices.filter { uploads[$0].isUnderWay } }

    /// Until every set is sent or has ended in a fault of its own.
    ///
    /// - Throws: what ended the connection for good; what became of the sets still under way is not known.
    func run(on link: Link) throws(RemoteFault) {
        while case let before = open, !before.isEmpty {
            do throws(RemoteFault) {
                try link.run { (files: any RemoteFiles) throws(RemoteFault) in try carry(files, link) }
            } catch {
                // A file that cannot be read ends its set and the connection; the others go on over another one.
                guard error.kind == .stopped, open.count < before.count else { throw error }
            }
        }
    }

    private func carry(_ files: any RemoteFiles, _ link: Link) throws(RemoteFault) {
        try settleTaken(files)
        repeat {
            try bringLong(files, link)
            try bringShort(files, link)
        } while try !sizesAgree(files)
        try bringTriggers(files)
    }

    /// After a cut while a GO was on its way: whether it arrived. It did when a file is gone, which then was taken. A
    /// GO that lies there says nothing: it may have been begun and never closed. A server that takes sets at its own
    /// pace may be just about to: it is asked twice.
    private func settleTaken(_ files: any RemoteFiles) throws(RemoteFault) {
        for look in 0..<2 {
            let doubtful = open.filter { uploads[$0].mayBeComplete }
            guard !doubtful.isEmpty else { return }
            if look > 0 { timing.pause(bounds.settling) }
            for (place, sizes) in zip(doubtful, try sizes(of: doubtful, files)) {
                let isMissing = sizes.contains { size in
                    if case .failure(let fault) = size { fault.kind == .noSuchFile } else { false }
                }
                if isMissing { noteSent(place) }
            }
        }
    }

    private func bringLong(_ files: any RemoteFiles, _ link: Link) throws(RemoteFault) {
        for upload in open.map({ uploads[$0] }) {
            for index in upload.unconfirmed where upload.isLong(index) && upload.isUnderWay {
                try bringAlone(index, of: upload, files, link)
            }
        }
    }

    private func bringAlone(
        _ index: Int, of upload: SetUpload, _ files: any RemoteFiles, _ link: Link
    ) throws(RemoteFault) {
        do throws(RemoteFault) {
            let offset = upload.isLong(index) ? try upload.offset(of: index, files) : 0
            let file = try upload.upload(index, from: offset) { link.noteProgress() }
            try files.write(file.path, from: offset, file.give)
            upload.noteConfirmed(index)
        } catch {
            guard !error.breaksConnection else { throw error }
            upload.end(error)
        }
    }

    private func bringShort(_ files: any RemoteFiles, _ link: Link) throws(RemoteFault) {
        var places: [(upload: SetUpload, index: Int)] = []
        var short: [[RemoteUpload]] = []
        for upload in open.map({ uploads[$0] }) {
            for index in upload.unconfirmed where !upload.isLong(index) {
                do throws(RemoteFault) {
                    short.append([try upload.upload(index) { link.noteProgress() }])
                    places.append((upload, index))
                } catch {
                    upload.end(error)
                }
            }
        }
        for file in try write(short, files, confirmed: { places[$0].upload.noteConfirmed(places[$0].index) })
        {
            let (upload, index) = places[file]
            if upload.isUnderWay { try bringAlone(index, of: upload, files, link) }
        }
    }

    /// Writes files, each by itself a set to the server.
    ///
    /// - Returns: those to be written once more, alone: a server may refuse one only because of the others, having no
    ///   more handles.
    private func write(
        _ short: [[RemoteUpload]], _ files: any RemoteFiles, confirmed: (Int) -> Void
    ) throws(RemoteFault) -> [Int] {
        var refused: [Int] = []
        try files.writeAll(short) { file, refusal in
            if refusal == nil { confirmed(file) } else { refused.append(file) }
        }
        return refused
    }

    /// Whether all files are complete at the server, as far as it tells.
    private func sizesAgree(_ files: any RemoteFiles) throws(RemoteFault) -> Bool {
        let places = open
        var agree = true
        for (place, sizes) in zip(places, try sizes(of: places, files)) {
            if !uploads[place].compare(sizes), uploads[place].isUnderWay { agree = false }
        }
        return agree
    }

    private func bringTriggers(_ files: any RemoteFiles) throws(RemoteFault) {
        let places = open
        var triggers: [[RemoteUpload]] = []
        for place in places {
            triggers.append([RemoteUpload(try uploads[place].path(uploads[place].set.trigger), bytes: [])])
            uploads[place].noteTrigger()
            going(place)
        }
        for refused in try write(triggers, files, confirmed: { noteSent(places[$0]) }) {
            do throws(RemoteFault) {
                try files.write(triggers[refused][0].path, from: 0) { _ in 0 }
                noteSent(places[refused])
            } catch {
                guard !error.breaksConnection else { throw error }
                uploads[places[refused]].end(error)
            }
        }
    }

    private func noteSent(_ place: Int) {
        uploads[place].noteSent()
        sent(place)
    }

    /// The sizes the server tells of the files of some sets.
    private func sizes(
        of places: [Int], _ files: any RemoteFiles
    ) throws(RemoteFault) -> [[Result<UInt64?, RemoteFault>]] {
        var paths: [RemotePath] = []
        for place in places {
            for file in uploads[place].set.files { paths.append(try uploads[place].path(file.name)) }
        }
        var told = try files.sizes(of: paths)[...]
        return places.map { place in
            let count = uploads[place].set.files.count
            defer { told = told.dropFirst(count) }
            return Array(told.prefix(count))
        }
    }
}
