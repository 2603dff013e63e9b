internal import Exchange
internal import Glibc
internal import Synchronization

/// The files below `outbox/`. Names beginning with a dot are being written and shown to nobody.
final class OutgoingFiles: Sendable {
    private let outbox: Directory
    /// Directories known to be durable.
    private let prepared = Mutex<Set<String>>([])
    private let lastTemporary = Atomic<UInt64>(0)

    init(outbox: Directory) {
        self.outbox = outbox
    }

    private func path(_ mailbox: Mailbox, of sender: SenderNumber) -> String {
        "\(sender)/\(mailbox.rawValue)"
    }

    func entries(in mailbox: Mailbox, of sender: SenderNumber) throws(SystemFault) -> [HomeEntry] {
        let directory = path(mailbox, of: sender)
        var entries: [HomeEntry] = []
        for text in try outbox.names(in: directory) {
            guard !text.hasPrefix("."), let name = FileName(escaped: text),
                let status = try outbox.status("\(directory)/\(text)"), !status.isDirectory
            else { continue }
            entries.append(HomeEntry(name: name, size: status.size, modifiedAt: status.modifiedAt))
        }
        return entries
    }

    func entry(named name: FileName, in mailbox: Mailbox, of sender: SenderNumber) throws(HomeFault)
        -> HomeEntry
    {
        do {
            // A leading dot is escaped, so no temporary name can be meant.
            let path = "\(path(mailbox, of: sender))/\(name.escaped)"
            if let status = try outbox.status(path), !status.isDirectory {
                return HomeEntry(name: name, size: status.size, modifiedAt: status.modifiedAt)
            }
        } catch {
            throw error.homeFault
        }
        throw .noSuchFile
    }

    func download(
        _ name: FileName, in mailbox: Mailbox, of sender: SenderNumber
    ) throws(HomeFault) -> any Download {
        do {
            return try SpoolDownload(outbox.open("\(path(mailbox, of: sender))/\(name.escaped)"))
        } catch {
            throw error.homeFault
        }
    }

    /// False when there was none.
    func remove(_ name: String, in mailbox: Mailbox, of sender: SenderNumber) throws(SystemFault) -> Bool {
        try outbox.remove("\(path(mailbox, of: sender))/\(name)")
    }

    /// True when every file of the answer is there with its size.
    func holds(_ answer: IssuedAnswer) throws(SystemFault) -> Bool {
        for (name, bytes) in answer.files {
            let status = try outbox.status("\(path(answer.mailbox, of: answer.sender))/\(name)")
            if status?.size != UInt64(bytes.count) { return false }
        }
        return true
    }

    /// Writes the files of an answer durably: each appears complete, the GO last. Doing it again changes
    /// nothing but their times, by which a sender sees that it was answered again.
    ///
    /// - Parameter isRetry: it failed before; the names are written anew, since a sync that failed proves nothing by
    ///   succeeding the second time.
    func publish(_ answer: IssuedAnswer, isRetry: Bool) throws(SystemFault) {
        let directory = path(answer.mailbox, of: answer.sender)
        try prepare(answer.sender, directory)
        if !isRetry, try holds(answer) {
            for (name, _) in answer.files { try outbox.touch("\(directory)/\(name)") }
            try outbox.sync(directory)
            return
        }
        let run = lastTemporary.wrappingAdd(1, ordering: .relaxed).newValue
        func temporary(_ name: String) -> String { "\(directory)/.\(run).\(name)" }
        let (full, empty) = (answer.files.filter { !$0.1.isEmpty }, answer.files.filter { $0.1.isEmpty })
        do throws(SystemFault) {
            for (name, bytes) in full { try write(bytes, to: temporary(name)) }
            for (name, _) in full { try outbox.replace("\(directory)/\(name)", with: temporary(name)) }
            for (name, _) in empty { try show("\(directory)/\(name)", by: temporary(name)) }
        } catch {
            for (name, _) in answer.files { _ = try? outbox.remove(temporary(name)) }
            throw error
        }
        try outbox.sync(directory)
    }

    private func write(_ bytes: [UInt8], to path: String) throws(SystemFault) {
        let file = try outbox.createAnew(path)
        try bytes.withUnsafeBytes { buffer in
            Result { () throws(SystemFault) in try file.write(buffer, at: 0) }
        }.get()
        try file.sync()
    }

    /// An empty file is complete as soon as it is there, and has nothing to sync but its name, which the directory's
    /// sync covers. One that is there already is made anew: it may be the rest of an attempt whose sync failed.
    private func show(_ path: String, by temporary: String) throws(SystemFault) {
        do throws(SystemFault) {
            _ = try outbox.create(path)
        } catch {
            guard error.code == EEXIST else { throw error }
            _ = try outbox.createAnew(temporary)
            try outbox.replace(path, with: temporary)
        }
    }

    private func prepare(_ sender: SenderNumber, _ directory: String) throws(SystemFault) {
        if prepared.withLock({ $0.contains(directory) }) { return }
        try outbox.makeDirectory(sender.description)
        try outbox.makeDirectory(directory)
        try outbox.sync(sender.description)
        try outbox.sync()
        prepared.withLock { _ = $0.insert(directory) }
    }

    /// Removes what a process that ended while publishing left behind.
    func removeTemporaries() throws(SystemFault) {
        for sender in try outbox.names(in: ".") {
            for mailbox in Mailbox.allCases where !mailbox.takesUploads {
                let directory = "\(sender)/\(mailbox.rawValue)"
                for name in try outbox.names(in: directory) where name.hasPrefix(".") {
                    try outbox.remove("\(directory)/\(name)")
                }
            }
        }
    }
}
