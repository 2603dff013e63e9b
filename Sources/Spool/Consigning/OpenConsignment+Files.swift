internal import Exchange
internal import Foundation
internal import Synchronization

// The files of a consignment, as its channel sees them.
extension OpenConsignment: UploadTarget {
    /// Files one set may have: the 18 of a complete one (nine FI and nine FS, domain 1.2), as many under
    /// other names, which is what a GO in a home takes along, and a few to be refused for what they are.
    static let mostFiles = 40

    var allowance: SenderAllowance { home.allowance }

    func inside<Value: Sendable>(
        _ mailbox: Mailbox, _ body: (inout Arrivals) throws(HomeFault) -> Value
    ) throws(HomeFault) -> Value {
        try state.withLock { state throws(HomeFault) in
            if ground.isClosed { throw .failed("the spool is closed") }
            guard state.phase == .open else { throw .superseded }
            let bytes = state.files.bytes
            defer { allowance.note(from: bytes, to: state.files.bytes) }
            return try body(&state.files)
        }
    }

    func files() throws(HomeFault) -> [HomeEntry] {
        try inside(mailbox) { files throws(HomeFault) in
            files.files.map { $0.value.entry(named: $0.key) }
                .sorted { $0.name.bytes.lexicographicallyPrecedes($1.name.bytes) }
        }
    }

    func upload(_ name: FileName, mode: UploadMode) throws(HomeFault) -> any Upload {
        try ground.floor.require()
        return try inside(mailbox) { files throws(HomeFault) in
            do {
                return try open(name, mode: mode, &files)
            } catch let fault as SystemFault {
                throw fault.homeFault
            } catch let fault as HomeFault {
                throw fault
            } catch {
                throw .failed("\(error)")
            }
        }
    }

    private func open(_ name: FileName, mode: UploadMode, _ files: inout Arrivals) throws -> ArrivingUpload {
        let owner = ground.serial()
        let path = sets.path(name, ticket)
        if let arrival = files[name] {
            if mode == .replace(exclusively: true) { throw HomeFault.alreadyExists }
            if mode == .resume {
                let file = try sets.consigned.open(path, forWriting: true)
                let size = try file.status().size
                let now = ground.steady()
                files.change(name) { $0.resume(by: owner, size: size, at: now) }
                return ArrivingUpload(key(owner, arrival.serial), of: self, into: file, size: size)
            }
            try sets.consigned.remove(path)
            files.remove(name)
        } else if files.files.count >= OpenConsignment.mostFiles {
            throw HomeFault.tooManyFiles
        }
        let file = try sets.consigned.createAnew(path)
        let arrival = Arrival(
            name: ArrivalName(name), serial: ground.serial(), channel: channel, size: 0,
            lastActivity: ground.steady(), owner: owner, isClosed: false)
        files.insert(arrival, named: name)
        return ArrivingUpload(key(owner, arrival.serial), of: self, into: file, size: 0)
    }

    private func key(_ owner: UInt64, _ serial: UInt64) -> UploadKey {
        UploadKey(mailbox: mailbox, owner: owner, serial: serial)
    }

    /// Nothing is triggered here.
    func close(_ key: UploadKey, size: UInt64, digest: Digest?, completion: @escaping Completion) {
        let now = ground.steady()
        do {
            try change(key) { name, files throws(HomeFault) in
                files.change(name) { $0.close(size: size, digest: digest, at: now) }
            }
            completion(.success(()))
        } catch {
            completion(.failure(error))
        }
    }

    func download(_ name: FileName) throws(HomeFault) -> any Download {
        try inside(mailbox) { files throws(HomeFault) in
            guard files[name] != nil else { throw .noSuchFile }
            do throws(SystemFault) {
                return try SpoolDownload(sets.consigned.open(sets.path(name, ticket)))
            } catch {
                throw error.homeFault
            }
        }
    }

    func remove(_ name: FileName) throws(HomeFault) {
        let now = ground.steady()
        try inside(mailbox) { files throws(HomeFault) in
            guard files[name] != nil else { throw .noSuchFile }
            do throws(SystemFault) {
                try sets.consigned.remove(sets.path(name, ticket))
            } catch {
                throw error.homeFault
            }
            files.remove(name)
        }
        state.withLock { $0.changedAt = now }
    }
}

extension OpenConsignment {
    /// Takes up what lies on the disk. It does not count as synced.
    func load() throws {
        let now = ground.steady()
        let found = try sets.files(of: ticket)
        let last = try sets.lastChange(of: ticket)
        try inside(mailbox) { files throws(HomeFault) in
            for (name, status) in found {
                let arrival = Arrival(
                    name: ArrivalName(name), serial: ground.serial(), channel: channel, size: status.size,
                    lastActivity: min(status.modifiedAt, now), isClosed: true, wasFound: true)
                files.insert(arrival, named: name)
            }
        }
        state.withLock { $0.changedAt = min(last, now) }
    }
}
