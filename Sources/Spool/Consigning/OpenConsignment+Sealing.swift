internal import Exchange
internal import Foundation
internal import Logging
internal import Synchronization

// From a consignment to a sealed set.
extension OpenConsignment: SealSource {
    var order: SealOrder { home.order }

    func seal(
        as name: FileName, hasTrigger: Bool, mark: (HandoverMark, fingerprint: Digest)?,
        completion: @escaping Completion
    ) {
        do {
            if let mark, !HandoverWriting.markLength.contains(mark.0.text.utf8.count) {
                throw HomeFault.notAllowed
            }
            let parts = try takeFiles()
            order.enter(ticket)
            ground.seal(
                SealJob(
                    source: self, ticket: ticket, channel: channel, mailbox: mailbox,
                    receivedAt: ground.clock(), name: name, hasTrigger: hasTrigger, trigger: nil,
                    parts: parts,
                    mark: mark, completions: [endingWhenSealed(completion)]))
        } catch {
            completion(.failure(error as? HomeFault ?? .failed("\(error)")))
        }
    }

    /// Moves the directory to `held/`, where no upload reaches the files any more.
    private func takeFiles() throws(HomeFault) -> [SealJob.Part] {
        try state.withLock { state throws(HomeFault) in
            if ground.isClosed { throw .failed("the spool is closed") }
            guard state.phase == .open else { throw .superseded }
            guard state.files.files.values.allSatisfy({ $0.writesUnderWay == 0 }) else {
                throw .failed("a file of the set is being written")
            }
            do throws(SystemFault) {
                try sets.consigned.moveDirectory(ticket.description, to: ground.disk.held)
            } catch {
                throw .failed(error.sentence)
            }
            state.phase = .sealing
            let names = state.files.files.keys.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
            return names.compactMap { name in state.files[name].map { SealJob.Part(name: name, $0) } }
        }
    }

    private func endingWhenSealed(_ completion: @escaping Completion) -> Completion {
        { [self] result in
            if case .success = result { state.withLock { end(&$0) } }
            completion(result)
        }
    }

    /// Nothing to do: recovery finds the set by its ticket, wherever the directory is.
    func syncNames(of _: SealJob) {}

    func putBack(_ job: SealJob, isSuspect: Bool) {
        state.withLock { state in
            do throws(SystemFault) {
                try ground.disk.held.moveDirectory(ticket.description, to: sets.consigned)
            } catch {
                ground.logger.error(
                    "a set that could not be sealed stays in its held directory until the spool is next opened",
                    metadata: ["ticket": "\(ticket)", "fault": "\(error.sentence)"])
                return end(&state)
            }
            state.phase = .open
            state.changedAt = job.receivedAt
            for (name, arrival) in state.files.files {
                state.files.remove(name)
                state.files.insert(arrival.again(ground.serial(), isSuspect: isSuspect), named: name)
            }
        }
    }
}

extension Arrival {
    /// The same file, with whatever uploads and syncs it had cut off.
    fileprivate func again(_ serial: UInt64, isSuspect: Bool) -> Arrival {
        var arrival = Arrival(
            name: name, serial: serial, channel: channel, size: size, lastActivity: lastActivity,
            isClosed: true)
        arrival.digest = digest
        arrival.isSuspect = isSuspect || self.isSuspect || syncsUnderWay > 0
        arrival.wasFound = wasFound
        return arrival
    }
}
