internal import Exchange
internal import Foundation

// What uploads ask of their home.
extension Home: UploadTarget {
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
            lastActivity: ground.steady(), owner: owner, isClosed: false)
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
        let now = ground.steady()
        arrivals.change(name) { arrival in
            arrival.channel = channel
            arrival.resume(by: owner, size: size, at: now)
        }
        let key = UploadKey(mailbox: mailbox, owner: owner, serial: arrival.serial)
        return ArrivingUpload(key, of: self, into: file, size: size)
    }

    func close(_ key: UploadKey, size: UInt64, digest: Digest?, completion: @escaping Completion) {
        let now = ground.steady()
        do {
            let consequences = try change(key) { name, arrivals throws(HomeFault) in
                arrivals.change(name) { $0.close(size: size, digest: digest, at: now) }
                return effect(ofClosing: name, in: key.mailbox, &arrivals, completion)
            }
            follow(consequences, in: key.mailbox)
        } catch {
            completion(.failure(error))
        }
    }
}
