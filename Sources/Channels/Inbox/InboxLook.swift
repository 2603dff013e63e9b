internal import Exchange
internal import Foundation

/// One look at an account: its incoming directories, then its answers.
struct InboxLook {
    let ground: InboxGround
    let account: InboxAccount
    let line: InboxLine
    var memory: InboxMemory
    /// Sets were left that were ready.
    private var hasMoreSets = false
    private var hasMoreAnswers = false

    /// Seconds until what was left is wanted; nil when nothing was left.
    var again: TimeInterval? {
        if hasMoreAnswers { return 0 }
        return hasMoreSets ? ground.intake.pause(of: account.sender) : nil
    }

    init(at account: InboxAccount, on line: InboxLine, _ memory: InboxMemory, _ ground: InboxGround) {
        self.ground = ground
        self.account = account
        self.line = line
        self.memory = memory
    }

    mutating func run() throws(InboxFault) {
        try line.open(as: account.logIn)
        if ground.configuration.makesDirectories { try makeDirectories() }
        var deferred: InboxFault?
        for mailbox in Mailbox.allCases where mailbox.takesUploads && deferred == nil && !ground.isStopping {
            do throws(InboxFault) {
                try look(into: mailbox)
            } catch {
                // A spool that takes nothing still gives answers.
                guard case .spool = error else { throw error }
                deferred = error
            }
        }
        var answers = InboxAnswers(ground: ground, account: account, line: line, memory: memory.answers)
        defer { memory.answers = answers.memory }
        hasMoreAnswers = try answers.carryOut()
        if let deferred { throw deferred }
    }

    private mutating func look(into mailbox: Mailbox) throws(InboxFault) {
        guard let path = account.path(of: mailbox) else { return }
        var inbox = InboxMailbox(
            mailbox, at: path, of: account, on: line, memory.mailboxes[mailbox] ?? MailboxMemory(), ground)
        defer { memory.mailboxes[mailbox] = inbox.memory }
        if try inbox.look() { hasMoreSets = true }
    }

    private func makeDirectories() throws(InboxFault) {
        for path in [account.home] + Mailbox.allCases.map(account.path(of:)) {
            guard let path else { continue }
            do throws(InboxFault) {
                try line.call { files throws(RemoteFault) in try files.makeDirectory(path) }
            } catch {
                guard case .refused = error else { throw error }
            }
        }
    }
}
