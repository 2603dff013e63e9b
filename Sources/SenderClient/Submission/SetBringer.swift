internal import Channels
internal import Exchange

/// Brings sets of a submission to the server over one connection, one after the other or some together.
struct SetBringer: Sendable {
    let book: SubmissionBook
    let ground: ServerGround
    let paths: MailboxPaths
    let settings: SubmissionSettings
    /// Connections that carry the submission.
    let workers: Int
    let meter: TransferMeter
    let timing: Timing
    let note: @Sendable (String) -> Void

    /// Until no set is left, or the connection is lost for good: the fault that was it.
    func run(on link: Link) -> RemoteFault? {
        while true {
            let indices = book.next(
                files: link.filesAtOnce, sharedBy: workers, ofFewerThan: settings.upload.together)
            guard !indices.isEmpty else { return nil }
            if let fault = bring(indices, link) { return fault }
        }
    }

    /// What ends the connection for good; any other fault is one set's alone.
    private func bring(_ indices: [Int], _ link: Link) -> RemoteFault? {
        var places: [Int] = []
        var uploads: [SetUpload] = []
        for index in indices {
            do throws(RemoteFault) {
                guard let upload = try upload(index) else { continue }
                places.append(index)
                uploads.append(upload)
            } catch {
                book.settle(index, SetVerdict(error, mayBeComplete: false))
            }
        }
        let convoy = SetConvoy(uploads: uploads, bounds: settings.upload, timing: timing) { place in
            book.noteGoing(places[place])
        } sent: { place in
            let set = uploads[place].set
            book.noteSent(places[place], at: timing.now())
            note("\(set.trigger) sent, \(Quantity.bytes(set.size))")
        }
        var lost: RemoteFault?
        do throws(RemoteFault) {
            try convoy.run(on: link)
        } catch {
            lost = error
        }
        for (index, upload) in zip(places, uploads) where !upload.isSent {
            guard let fault = upload.fault ?? lost else { continue }
            if lost == nil { upload.withdraw(on: link) }
            book.settle(index, SetVerdict(fault, mayBeComplete: upload.mayBeComplete))
        }
        return lost
    }

    /// Nil for a set that need not be brought.
    private func upload(_ index: Int) throws(RemoteFault) -> SetUpload? {
        let set = book.sets[index]
        if ground.isWaiting(set) {
            note("\(set.trigger) was sent before and waits at the server")
            book.noteSent(index, at: timing.now())
            return nil
        }
        return SetUpload(
            set, in: try paths.path(set.mailbox), bounds: settings.upload, meter: meter,
            isThere: { ground.holds($0, in: set.mailbox) })
    }
}

extension SetVerdict {
    /// - Parameter mayBeComplete: the GO may have reached the server.
    init(_ fault: RemoteFault, mayBeComplete: Bool) {
        if mayBeComplete {
            self = .unknown(
                "\(fault.clause). It may have arrived whole: send it again as it is, or fetch the answers")
            return
        }
        switch fault.kind {
        case .unreachable, .timedOut, .brokenOff, .garbled, .tooMuch: self = .unknown(fault.clause)
        case .untrusted, .notAdmitted, .noSuchFile, .alreadyExists, .notAllowed, .stopped:
            self = .failed(fault.clause)
        }
    }
}

extension RemoteFault {
    /// The sentence without a full stop, to be put into another.
    var clause: String { sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence }
}
