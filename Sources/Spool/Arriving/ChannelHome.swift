internal import Exchange
internal import Foundation
internal import Logging

/// A sender's home as one channel sees it.
struct ChannelHome: SenderHome {
    let home: Home
    let channel: ChannelKind
    let outgoing: OutgoingFiles

    var pause: TimeInterval { home.ground.pause(of: home.sender) }

    func entries(in mailbox: Mailbox) throws(HomeFault) -> [HomeEntry] {
        guard !mailbox.takesUploads else { return try home.entries(in: mailbox) }
        do {
            return try outgoing.entries(in: mailbox, of: home.sender)
        } catch {
            throw error.homeFault
        }
    }

    func entry(named name: FileName, in mailbox: Mailbox) throws(HomeFault) -> HomeEntry {
        mailbox.takesUploads
            ? try home.entry(named: name, in: mailbox)
            : try outgoing.entry(named: name, in: mailbox, of: home.sender)
    }

    func upload(_ name: FileName, in mailbox: Mailbox, mode: UploadMode) throws(HomeFault) -> any Upload {
        try home.upload(name, in: mailbox, mode: mode, over: channel)
    }

    func download(_ name: FileName, in mailbox: Mailbox) throws(HomeFault) -> any Download {
        mailbox.takesUploads
            ? try home.download(name, in: mailbox)
            : try outgoing.download(name, in: mailbox, of: home.sender)
    }

    func rename(
        _ name: FileName, to newName: FileName, in mailbox: Mailbox, replacing: Bool,
        completion: @escaping @Sendable (Result<Void, HomeFault>) -> Void
    ) {
        home.rename(name, to: newName, in: mailbox, replacing: replacing, completion: completion)
    }

    func remove(_ name: FileName, in mailbox: Mailbox) throws(HomeFault) {
        guard !mailbox.takesUploads else { return try home.remove(name, in: mailbox) }
        do {
            guard try outgoing.remove(name.escaped, in: mailbox, of: home.sender) else {
                throw HomeFault.noSuchFile
            }
        } catch let fault as SystemFault {
            throw fault.homeFault
        } catch let fault as HomeFault {
            throw fault
        } catch {
            throw .failed("\(error)")
        }
        noteDeleted(name)
    }

    /// The FO stands for the answer. Noted in the background: until it is, the answer counts as published,
    /// and such an answer is not published again by itself either.
    private func noteDeleted(_ name: FileName) {
        let text = name.escaped
        guard text.hasPrefix("FO.") else { return }
        let sender = home.sender
        let now = home.ground.clock()
        home.ground.committer.submit(
            Committer.Work(
                apply: {
                    try AnswerWriting(db: $0, now: now).noteDeleted(String(text.dropFirst(3)), of: sender)
                },
                settle: { [logger = home.ground.logger] fault in
                    guard let fault else { return }
                    logger.warning(
                        "deletion of an answer not noted", metadata: ["file": "\(text)", "fault": "\(fault)"])
                }))
    }
}
