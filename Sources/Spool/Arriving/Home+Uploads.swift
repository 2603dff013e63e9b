internal import Exchange
internal import Foundation

// What uploads ask of their home.
extension Home {
    /// Stands for one upload of one file.
    struct UploadKey: Sendable {
        let mailbox: Mailbox
        /// The upload.
        let owner: UInt64
        /// The file.
        let serial: UInt64
    }

    func upload(
        _ name: FileName, in mailbox: Mailbox, mode: UploadMode, over channel: ChannelKind
    ) throws(HomeFault) -> any Upload {
        try ground.floor.require()
        var superseded: Completion?
        defer { superseded?(.failure(.superseded)) }
        return try inside(mailbox) { arrivals throws(HomeFault) in
            do {
                return try open(name, in: mailbox, mode: mode, over: channel, &arrivals, &superseded)
            } catch let fault as SystemFault {
                throw fault.homeFault
            } catch let fault as HomeFault {
                throw fault
            } catch {
                throw .failed("\(error)")
            }
        }
    }

    /// `superseded` becomes who waited for the file as an early GO, also when this throws.
    private func open(
        _ name: FileName, in mailbox: Mailbox, mode: UploadMode, over channel: ChannelKind,
        _ arrivals: inout Arrivals, _ superseded: inout Completion?
    ) throws -> ArrivingUpload {
        let owner = ground.serial()
        if let arrival = arrivals[name] {
            if mode == .replace(exclusively: true) { throw HomeFault.alreadyExists }
            if mode == .resume {
                let upload = try resume(name, arrival, owner, in: mailbox, over: channel, &arrivals)
                superseded = arrivals.takeEarly(name)?.completion
                return upload
            }
        } else if arrivals.files.count >= room(for: name) {
            throw HomeFault.tooManyFiles
        }
        superseded = try discard(name, in: mailbox, &arrivals)
        let file = try files.create(name, in: mailbox, over: channel)
        let arrival = Arrival(
            name: ArrivalName(name), serial: ground.serial(), channel: channel, size: 0,
            lastActivity: ground.clock(), owner: owner, isClosed: false)
        arrivals.insert(arrival, named: name)
        let key = UploadKey(mailbox: mailbox, owner: owner, serial: arrival.serial)
        return ArrivingUpload(key, of: self, into: file, size: 0)
    }

    /// Files there may be when this one comes. A full directory still takes the GOs and TDs that empty it.
    private func room(for name: FileName) -> Int {
        let limit = ground.limits.filesPerMailbox
        switch ArrivalName(name).role {
        case .trigger, .cancellation: return limit + max(1, limit / 10)
        default: return limit
        }
    }

    private func resume(
        _ name: FileName, _ arrival: Arrival, _ owner: UInt64, in mailbox: Mailbox, over channel: ChannelKind,
        _ arrivals: inout Arrivals
    ) throws -> ArrivingUpload {
        let file = try files.open(name, in: mailbox, forWriting: true)
        let size = try file.status().size
        if arrival.channel != channel {
            try files.forget(arrival.channel, of: name, in: mailbox)
            try files.note(channel, of: name, in: mailbox)
        }
        let now = ground.clock()
        arrivals.change(name) { arrival in
            arrival.channel = channel
            arrival.size = size
            arrival.lastActivity = now
            arrival.owner = owner
            arrival.isClosed = false
            arrival.digest = nil
        }
        let key = UploadKey(mailbox: mailbox, owner: owner, serial: arrival.serial)
        return ArrivingUpload(key, of: self, into: file, size: size)
    }

    /// Changes the file of an upload, which must still own it.
    private func change<Value: Sendable>(
        _ key: UploadKey, _ body: (FileName, inout Arrivals) throws(HomeFault) -> Value
    ) throws(HomeFault) -> Value {
        try inside(key.mailbox) { arrivals throws(HomeFault) in
            guard let name = arrivals.name(ofSerial: key.serial), arrivals[name]?.owner == key.owner else {
                throw .superseded
            }
            return try body(name, &arrivals)
        }
    }

    /// Every write to the file stands between this and `endWrite`; a set is not sealed meanwhile.
    ///
    /// - Parameter end: where the file will end at least.
    /// - Throws: `.tooManyFiles` when the sender would have more unsealed bytes than allowed.
    func beginWrite(_ key: UploadKey, upTo end: UInt64) throws(HomeFault) {
        try change(key) { name, arrivals throws(HomeFault) in
            let size = arrivals[name]?.size ?? 0
            if end > size {
                let sum = (arrivals.bytes + arrivals.bytesElsewhere).addingReportingOverflow(end - size)
                let isWithin = sum.partialValue <= UInt64(clamping: ground.limits.bytesPerSender)
                guard isWithin, !sum.overflow else { throw .tooManyFiles }
            }
            arrivals.change(name) { arrival in
                arrival.writesUnderWay += 1
                arrival.version += 1
                arrival.digest = nil
            }
        }
    }

    func endWrite(_ key: UploadKey, size: UInt64) {
        let now = ground.clock()
        // A home that cannot be read any more has nothing to note it in.
        try? inside(key.mailbox) { arrivals throws(HomeFault) in
            guard let name = arrivals.name(ofSerial: key.serial) else { return }
            arrivals.change(name) { arrival in
                arrival.writesUnderWay -= 1
                arrival.lastActivity = now
                if arrival.owner == key.owner {
                    arrival.size = size
                } else {
                    // It landed among, or after, the bytes of the upload that owns the file.
                    arrival.isMixed = true
                    arrival.digest = nil
                    arrival.version += 1
                }
            }
        }
    }

    /// The version a sync that begins now will cover.
    func version(_ key: UploadKey) throws(HomeFault) -> UInt64 {
        try change(key) { name, arrivals throws(HomeFault) in arrivals[name]?.version ?? 0 }
    }

    func noteSync(_ key: UploadKey, version: UInt64, failed: Bool) {
        try? inside(key.mailbox) { arrivals throws(HomeFault) in
            guard let name = arrivals.name(ofSerial: key.serial) else { return }
            arrivals.change(name) { arrival in
                if failed {
                    arrival.isSuspect = true
                } else {
                    arrival.syncedVersion = version
                }
            }
        }
    }

    func close(_ key: UploadKey, size: UInt64, digest: Digest?, completion: @escaping Completion) {
        let now = ground.clock()
        do {
            let consequences = try change(key) { name, arrivals throws(HomeFault) in
                arrivals.change(name) { arrival in
                    arrival.owner = nil
                    arrival.isClosed = true
                    arrival.size = size
                    arrival.digest = arrival.isMixed ? nil : digest
                    arrival.lastActivity = now
                }
                return effect(ofClosing: name, in: key.mailbox, &arrivals, completion)
            }
            follow(consequences, in: key.mailbox)
        } catch {
            completion(.failure(error))
        }
    }

    /// The bytes stay; nothing is triggered. A GO waits for its sender to come back and go on.
    func abandon(_ key: UploadKey) {
        let now = ground.clock()
        try? change(key) { name, arrivals throws(HomeFault) in
            arrivals.change(name) { arrival in
                arrival.owner = nil
                arrival.lastActivity = now
            }
        }
    }
}
