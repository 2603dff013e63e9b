internal import Exchange
internal import Foundation

// The incoming directories as a sender sees them.
extension Home {
    func entries(in mailbox: Mailbox) throws(HomeFault) -> [HomeEntry] {
        try inside(mailbox) { arrivals throws(HomeFault) in
            arrivals.files.map { $0.value.entry(named: $0.key) }
        }
    }

    func entry(named name: FileName, in mailbox: Mailbox) throws(HomeFault) -> HomeEntry {
        try inside(mailbox) { arrivals throws(HomeFault) in
            guard let arrival = arrivals[name] else { throw .noSuchFile }
            return arrival.entry(named: name)
        }
    }

    func download(_ name: FileName, in mailbox: Mailbox) throws(HomeFault) -> any Download {
        try inside(mailbox) { arrivals throws(HomeFault) in
            guard arrivals[name] != nil else { throw .noSuchFile }
            do throws(SystemFault) {
                return try SpoolDownload(files.open(name, in: mailbox, forWriting: false))
            } catch {
                throw error.homeFault
            }
        }
    }

    func remove(_ name: FileName, in mailbox: Mailbox) throws(HomeFault) {
        let waiting = try inside(mailbox) { arrivals throws(HomeFault) in
            guard arrivals[name] != nil else { throw .noSuchFile }
            do throws(SystemFault) {
                return try discard(name, in: mailbox, &arrivals)
            } catch {
                throw error.homeFault
            }
        }
        waiting?(.success(()))
    }

    func rename(
        _ name: FileName, to newName: FileName, in mailbox: Mailbox, replacing: Bool,
        completion: @escaping Completion
    ) {
        do {
            let consequences = try inside(mailbox) { arrivals throws(HomeFault) in
                try rename(name, to: newName, in: mailbox, replacing: replacing, &arrivals, completion)
            }
            follow(consequences, in: mailbox)
        } catch {
            completion(.failure(error))
        }
    }

    private func rename(
        _ name: FileName, to newName: FileName, in mailbox: Mailbox, replacing: Bool,
        _ arrivals: inout Arrivals,
        _ completion: @escaping Completion
    ) throws(HomeFault) -> Consequences {
        var consequences = Consequences()
        guard let arrival = arrivals[name] else { throw .noSuchFile }
        if name == newName {
            consequences.answer(completion)
            return consequences
        }
        if arrivals[newName] != nil, !replacing { throw .alreadyExists }
        do throws(SystemFault) {
            try files.rename(
                name, to: newName, in: mailbox, over: arrival.channel,
                replacing: arrivals[newName]?.channel)
        } catch {
            throw error.homeFault
        }
        consequences.answer(arrivals.remove(newName)?.early?.completion, .failure(.superseded))
        consequences.answer(arrivals.remove(name)?.early?.completion)
        arrivals.insert(arrival.renamed(ArrivalName(newName), at: ground.steady()), named: newName)
        // A file still being written is closed under its new name when its upload ends.
        guard !arrival.isBusy else {
            consequences.answer(completion)
            return consequences
        }
        arrivals.change(newName) { $0.isClosed = true }
        var effect = effect(ofClosing: newName, in: mailbox, &arrivals, completion)
        effect.answers.insert(contentsOf: consequences.answers, at: 0)
        return effect
    }
}

extension Arrival {
    func renamed(_ name: ArrivalName, at time: Date) -> Arrival {
        var arrival = Arrival(
            name: name, serial: serial, channel: channel, size: size, lastActivity: time, owner: owner,
            isClosed: isClosed, writesUnderWay: writesUnderWay)
        arrival.digest = digest
        arrival.version = version
        arrival.syncedVersion = syncedVersion
        arrival.isSuspect = isSuspect
        arrival.wasFound = wasFound
        arrival.isMixed = isMixed
        arrival.syncsUnderWay = syncsUnderWay
        return arrival
    }
}
