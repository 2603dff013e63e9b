internal import Exchange
internal import Logging

/// Brings the files of one set from the server into the spool and has them sealed.
struct InboxFetch {
    /// Connections a file may need: a broken one is gone on with where it ended.
    private static let tries = 8

    private let group: InboxGroup
    private let inbox: InboxMailbox
    private let line: InboxLine
    /// Of the files fetched before.
    private var bytes: UInt64 = 0

    init(_ group: InboxGroup, from inbox: InboxMailbox, _ line: InboxLine) {
        self.group = group
        self.inbox = inbox
        self.line = line
    }

    /// Returns when the set is durable; otherwise nothing happened.
    mutating func handIn(under mark: HandoverMark, _ fingerprint: Digest) throws(InboxFault) {
        let ground = inbox.ground
        let consignment = try InboxFault.ofSpool { () throws(HomeFault) in
            try ground.intake.begin(
                from: inbox.account.sender, over: ground.configuration.channel, in: inbox.mailbox, note: nil)
        }
        do throws(InboxFault) {
            try fetchParts(into: consignment)
            try InboxFault.ofSpool { () throws(HomeFault) in
                try awaitCompletion { completion in
                    consignment.seal(
                        as: group.name, hasTrigger: group.kind == .triggered,
                        mark: (mark, fingerprint: fingerprint), completion: completion)
                }
            }
        } catch {
            consignment.discard()
            throw error
        }
        ground.log(
            .debug, "a set was taken", inbox.account, inbox.mailbox,
            ["set": "\(group.name)", "ticket": "\(consignment.ticket)"])
    }

    private mutating func fetchParts(into consignment: any Consignment) throws(InboxFault) {
        for (index, name) in group.parts.enumerated() {
            do throws(InboxFault) {
                try fetch(name, into: consignment)
            } catch {
                // More files than any set has: those that are there say it.
                guard case .spool(.tooManyFiles) = error, index > ArrivalName.mostParts else { throw error }
                return
            }
        }
    }

    private mutating func fetch(_ name: FileName, into consignment: any Consignment) throws(InboxFault) {
        guard let entry = inbox.listing[name], let path = inbox.path.appending(name.bytes) else {
            throw .unfit("\(name) is not there any more")
        }
        let upload = try InboxFault.ofSpool { () throws(HomeFault) in
            try consignment.upload(name, mode: .replace(exclusively: false))
        }
        do throws(InboxFault) {
            let isWhole = try fill(upload, from: path, entry)
            if isWhole, let size = entry.size, size != upload.size {
                throw .unfit("\(name) was listed with \(size) bytes and came with \(upload.size)")
            }
            bytes += upload.size
            try InboxFault.ofSpool { () throws(HomeFault) in try awaitCompletion(upload.close) }
        } catch {
            upload.abandon()
            throw error
        }
    }

    /// False when the file, or the set, is larger than is taken: what fits is kept, and the decision answers it with its
    /// code.
    private func fill(_ upload: any Upload, from path: RemotePath, _ entry: RemoteEntry) throws(InboxFault)
        -> Bool
    {
        let most = inbox.ground.configuration.setLimit
        var tries = 1
        while true {
            do throws(InboxFault) {
                try line.call { files throws(RemoteFault) in
                    try files.read(path, from: upload.size) { piece in
                        try inbox.ground.requirePatience()
                        if bytes > most, upload.size > 0 { throw HomeFault.tooLarge }
                        try upload.write(piece, at: upload.size)
                    }
                }
                return true
            } catch {
                guard case .broken(let fault) = error else { throw error }
                let ours = fault.cause as? HomeFault
                if let ours, ours != .tooLarge { throw .spool(ours) }
                guard ours != nil || tries < InboxFetch.tries, !inbox.ground.isOutOfPatience else {
                    throw error
                }
                try line.connect()
                if ours != nil { return false }
            }
            tries += 1
            try requireUnchanged(entry)
            if entry.size == upload.size { return true }
        }
    }

    private func requireUnchanged(_ entry: RemoteEntry) throws(InboxFault) {
        let entries = try line.call { files throws(RemoteFault) in try files.list(inbox.path) }
        guard entries.contains(where: entry.isUnchanged) else {
            throw .unfit("it changed while it was fetched")
        }
    }
}
