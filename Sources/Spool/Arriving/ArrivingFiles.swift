internal import Exchange

/// The files of one sender below `arriving/`, as the disk has them. Used under the lock of the sender's home.
///
/// A file that came over another channel than SFTP has an empty companion `~<channel>.<escaped name>` (no
/// escaped name begins with `~`), so that the channel is still known after a restart. A file that is about to
/// take the place of another is made as `~new` first.
struct ArrivingFiles: Sendable {
    static let usualChannel = ChannelKind.sftp
    private static let newcomer = "~new"

    let arriving: Directory
    let sender: SenderNumber

    /// Makes the three directories when missing.
    func prepare() throws(SystemFault) {
        try arriving.makeDirectory(sender.description)
        for mailbox in Mailbox.allCases where mailbox.takesUploads {
            try arriving.makeDirectory(path(mailbox))
        }
    }

    func path(_ mailbox: Mailbox) -> String { "\(sender)/\(mailbox.rawValue)" }

    func path(_ name: FileName, _ mailbox: Mailbox) -> String { "\(path(mailbox))/\(name.escaped)" }

    private func companion(_ name: FileName, _ mailbox: Mailbox, _ channel: ChannelKind) -> String {
        "\(path(mailbox))/~\(channel.rawValue).\(name.escaped)"
    }

    private func newcomer(_ mailbox: Mailbox) -> String { "\(path(mailbox))/\(ArrivingFiles.newcomer)" }

    func create(_ name: FileName, in mailbox: Mailbox, over channel: ChannelKind) throws(SystemFault)
        -> OpenFile
    {
        try note(channel, of: name, in: mailbox)
        return try arriving.createAnew(path(name, mailbox))
    }

    /// Makes a file in the place of one that is there. Throws only when the old one is left in its place: on a full
    /// disk it must not be lost to one that cannot be made.
    ///
    /// - Parameter replaced: the channel of the old file.
    func replace(
        _ name: FileName, in mailbox: Mailbox, over channel: ChannelKind, replacing replaced: ChannelKind
    ) throws(SystemFault) -> OpenFile {
        let file = try arriving.createAnew(newcomer(mailbox))
        do throws(SystemFault) {
            try put(newcomer(mailbox), at: name, in: mailbox, over: channel, replacing: replaced)
        } catch {
            _ = try? arriving.remove(newcomer(mailbox))
            throw error
        }
        return file
    }

    func open(_ name: FileName, in mailbox: Mailbox, forWriting: Bool) throws(SystemFault) -> OpenFile {
        try arriving.open(path(name, mailbox), forWriting: forWriting)
    }

    /// Writes the companion when one is needed.
    func note(_ channel: ChannelKind, of name: FileName, in mailbox: Mailbox) throws(SystemFault) {
        guard channel != ArrivingFiles.usualChannel else { return }
        do {
            _ = try arriving.create(companion(name, mailbox, channel))
        } catch let fault where fault.homeFault == .alreadyExists {
            return
        }
    }

    func forget(_ channel: ChannelKind, of name: FileName, in mailbox: Mailbox) throws(SystemFault) {
        guard channel != ArrivingFiles.usualChannel else { return }
        try arriving.remove(companion(name, mailbox, channel))
    }

    func remove(_ name: FileName, in mailbox: Mailbox, over channel: ChannelKind) throws(SystemFault) {
        try arriving.remove(path(name, mailbox))
        try forget(channel, of: name, in: mailbox)
    }

    /// Renames a file in one step, in the place of a file of that name when there is one. Throws only when
    /// nothing was renamed.
    ///
    /// - Parameter replaced: the channel of the file that has the new name.
    func rename(
        _ name: FileName, to newName: FileName, in mailbox: Mailbox, over channel: ChannelKind,
        replacing replaced: ChannelKind?
    ) throws(SystemFault) {
        try put(path(name, mailbox), at: newName, in: mailbox, over: channel, replacing: replaced)
        // A companion left behind without its file is removed when the home is next built from the disk.
        try? forget(channel, of: name, in: mailbox)
    }

    /// Gives the file at `path` a name in one step, and the companion that goes with it.
    private func put(
        _ path: String, at name: FileName, in mailbox: Mailbox, over channel: ChannelKind,
        replacing replaced: ChannelKind?
    ) throws(SystemFault) {
        try note(channel, of: name, in: mailbox)
        do throws(SystemFault) {
            try arriving.replace(self.path(name, mailbox), with: path)
        } catch {
            if replaced != channel { try? forget(channel, of: name, in: mailbox) }
            throw error
        }
        if let replaced, replaced != channel { try? forget(replaced, of: name, in: mailbox) }
    }

    /// Everything on the disk, with the channel it came over. Companions without their file are removed, and
    /// so is a file that was to take the place of another.
    func scan(_ mailbox: Mailbox) throws(SystemFault) -> [(
        name: FileName, channel: ChannelKind, status: FileStatus
    )] {
        var channels: [FileName: ChannelKind] = [:]
        var names: [FileName] = []
        for text in try arriving.names(in: path(mailbox)) {
            if text == ArrivingFiles.newcomer {
                try arriving.remove(newcomer(mailbox))
            } else if let (name, channel) = ArrivingFiles.companion(text) {
                channels[name] = channel
            } else if let name = FileName(escaped: text), name.escaped == text {
                names.append(name)
            }
        }
        var found: [(name: FileName, channel: ChannelKind, status: FileStatus)] = []
        for name in names {
            let channel = channels.removeValue(forKey: name) ?? ArrivingFiles.usualChannel
            if let status = try arriving.status(path(name, mailbox)), !status.isDirectory {
                found.append((name, channel, status))
            }
        }
        for (name, channel) in channels { try forget(channel, of: name, in: mailbox) }
        return found
    }

    /// False for a name on the disk that nobody of ours made.
    static func isOurs(_ text: String) -> Bool {
        text == newcomer || companion(text) != nil || FileName(escaped: text)?.escaped == text
    }

    private static func companion(_ text: String) -> (FileName, ChannelKind)? {
        guard text.hasPrefix("~"), let dot = text.firstIndex(of: "."),
            let channel = ChannelKind(rawValue: String(text[text.index(after: text.startIndex)..<dot])),
            let name = FileName(escaped: text[text.index(after: dot)...])
        else { return nil }
        return (name, channel)
    }

    /// Syncs a directory and those above it, which may be new.
    func syncDirectories(_ mailbox: Mailbox) throws(SystemFault) {
        try arriving.sync(path(mailbox))
        try arriving.sync(sender.description)
        try arriving.sync()
    }
}
