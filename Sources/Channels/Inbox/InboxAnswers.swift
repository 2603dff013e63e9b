internal import Exchange
internal import Logging

/// Carries the answers of one sender out to its account: under temporary names first, then renamed, GO last. An answer
/// that cannot be carried out waits, and holds up no other.
struct InboxAnswers {
    /// Answers asked for at once, besides those that failed before.
    private static let most = 100
    /// Answers that are refused in one look before the directory is taken for one that takes none now.
    private static let refusalsAtMost = 8

    let ground: InboxGround
    let account: InboxAccount
    let line: InboxLine
    var memory: AnswerMemory

    /// True when more are waiting.
    mutating func carryOut() throws(InboxFault) -> Bool {
        guard try InboxFault.ofSpool({ () throws(HomeFault) in try ground.readers.mayHave(account.sender) })
        else { return false }
        let limit = InboxAnswers.most + memory.setbacks.count
        let answers = try InboxFault.ofSpool { () throws(HomeFault) in
            try ground.outbox.answersWaiting(
                for: ground.configuration.channel, of: account.sender, limit: limit)
        }
        let waiting = Set(answers.map(\.ticket))
        memory.doubts = memory.doubts.filter { waiting.contains($0.key) }
        memory.setbacks = memory.setbacks.filter { waiting.contains($0.key) }
        // Those that failed before come last, because each of them may end the look.
        let due = answers.filter { memory.setbacks[$0.ticket] == nil } + answers.filter(isTriedAgain)
        var refusals = 0
        for answer in due {
            guard !ground.isStopping, refusals < InboxAnswers.refusalsAtMost else { return false }
            do throws(InboxFault) {
                try carryOut(answer)
                memory.setbacks[answer.ticket] = nil
            } catch {
                putOff(answer, error)
                if error.endsLook { throw error }
                refusals += 1
            }
        }
        return answers.count == limit
    }

    private func isTriedAgain(_ answer: WaitingAnswer) -> Bool {
        memory.setbacks[answer.ticket]?.isOver(at: ground.clock.seconds()) ?? false
    }

    private mutating func putOff(_ answer: WaitingAnswer, _ fault: InboxFault) {
        let isNew = memory.setbacks[answer.ticket] == nil && !ground.isStopping
        memory.setbacks[answer.ticket, default: Backoff()].extend(at: ground.clock.seconds())
        ground.log(
            isNew ? .warning : .debug, "an answer is not carried out yet", account, answer.mailbox,
            ["ticket": "\(answer.ticket)", "fault": fault.sentence])
    }

    private mutating func carryOut(_ answer: WaitingAnswer) throws(InboxFault) {
        let files = try files(of: answer)
        if try !isDelivered(answer, files) {
            for file in files { try write(file, of: answer) }
            for file in files { try rename(file, of: answer) }
            memory.doubts[answer.ticket] = .delivered
        }
        try InboxFault.ofSpool { () throws(HomeFault) in try ground.outbox.noteTaken(answer) }
        memory.doubts[answer.ticket] = nil
    }

    private struct File {
        let name: FileName
        let path: RemotePath
        let temporary: RemotePath
    }

    /// A temporary name begins neither with a dot, because some servers leave such names out of their listings, nor as
    /// the name of an answer does, which a reader may be looking for.
    private func files(of answer: WaitingAnswer) throws(InboxFault) -> [File] {
        var files: [File] = []
        for name in answer.files {
            guard let directory = account.path(of: answer.mailbox),
                let path = directory.appending(name.escaped),
                let temporary = directory.appending("new.\(name.escaped).part")
            else { throw .unfit("\(name) cannot be written") }
            files.append(File(name: name, path: path, temporary: temporary))
        }
        return files
    }

    private mutating func rename(_ file: File, of answer: WaitingAnswer) throws(InboxFault) {
        // From here on a missing word leaves open whether the reader has it; a refusal does not.
        if file.name == answer.files.last { memory.doubts[answer.ticket] = .renaming }
        do throws(InboxFault) {
            try line.call { remote throws(RemoteFault) in try remote.rename(file.temporary, to: file.path) }
        } catch {
            if case .refused = error { memory.doubts[answer.ticket] = nil }
            throw error
        }
    }

    /// Whether a GO whose renaming was left open has its name: there is nothing under its temporary name then.
    private mutating func isDelivered(_ answer: WaitingAnswer, _ files: [File]) throws(InboxFault) -> Bool {
        switch memory.doubts[answer.ticket] {
        case nil: return false
        case .delivered: return true
        case .renaming:
            guard let trigger = files.last else { return false }
            let isThere = try line.call { remote throws(RemoteFault) in try remote.has(trigger.temporary) }
            // What becomes of it when it is written again tells nothing any more.
            if isThere { memory.doubts[answer.ticket] = nil }
            return !isThere
        }
    }

    private func write(_ file: File, of answer: WaitingAnswer) throws(InboxFault) {
        let download = try InboxFault.ofSpool { () throws(HomeFault) in
            try ground.homes.home(of: answer.sender, over: ground.configuration.channel)
                .download(file.name, in: answer.mailbox)
        }
        defer { download.close() }
        var offset: UInt64 = 0
        do throws(InboxFault) {
            try line.call { remote throws(RemoteFault) in
                try remote.write(file.temporary, from: 0) { buffer in
                    try ground.requirePatience()
                    let count = try download.read(into: buffer, at: offset)
                    offset += UInt64(count)
                    return count
                }
            }
        } catch {
            guard case .broken(let fault) = error, let ours = fault.cause as? HomeFault else { throw error }
            throw .spool(ours)
        }
    }
}
