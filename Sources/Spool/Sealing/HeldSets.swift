internal import Exchange
internal import Glibc

/// The sets below `held/`, as the disk has them.
///
/// `held/<ticket>/` holds the parts under their escaped names and an origin, put there first and removed
/// last, so that parts without a row can always be put back. The origin is the GO itself, renamed to
/// `~origin.<sender>.<channel>.<mailbox>.<escaped name>`. A set without GO, or with one whose name is too
/// long for that, has an empty origin without the last element, and the GO beside it as `~<escaped name>`. A
/// set that came as a consignment has no origin, because nothing of it can be put back without its directory.
/// No escaped name begins with `~`.
struct HeldSets: Sendable {
    /// A part being written anew. No escaped name begins with a dot.
    static let copyName = "~.copy"

    let held: Directory

    /// The longest name the file systems we know take.
    private static let longestName = 255

    /// Where a set came from, as its directory says.
    struct Origin: Sendable {
        let sender: SenderNumber
        let channel: ChannelKind
        let mailbox: Mailbox
        /// The GO that is the origin.
        private(set) var trigger: FileName?

        /// The name of an origin that is not the GO.
        var text: String { "~origin.\(sender).\(channel.rawValue).\(mailbox.rawValue)" }

        init(sender: SenderNumber, channel: ChannelKind, mailbox: Mailbox) {
            self.sender = sender
            self.channel = channel
            self.mailbox = mailbox
        }

        init?(_ text: String) {
            let elements = text.split(separator: ".", maxSplits: 4, omittingEmptySubsequences: false)
            guard elements.count >= 4, elements[0] == "~origin", let sender = SenderNumber(elements[1]),
                let channel = ChannelKind(rawValue: String(elements[2])),
                let mailbox = Mailbox(rawValue: String(elements[3]))
            else { return nil }
            self.init(sender: sender, channel: channel, mailbox: mailbox)
            guard elements.count == 5 else { return }
            guard let name = FileName(escaped: elements[4]), name.escaped == elements[4] else { return nil }
            trigger = name
        }

        /// The name of a GO that serves as the origin; nil when it would be too long.
        func text(with trigger: FileName) -> String? {
            let text = "\(text).\(trigger.escaped)"
            return text.utf8.count <= HeldSets.longestName ? text : nil
        }
    }

    /// What lies in one directory.
    struct Content: Sendable {
        var origin: Origin?
        var trigger: FileName?
        /// The name the GO has there.
        var triggerText = ""
        var parts: [FileName] = []
        /// The note of a consignment is there.
        var hasNote = false
        /// Names nobody of ours made.
        var strangers: [String] = []
    }

    func path(_ name: FileName, _ ticket: Ticket) -> String { "\(ticket)/\(name.escaped)" }

    func triggerPath(_ name: FileName, _ ticket: Ticket, from origin: Origin) -> String {
        "\(ticket)/\(origin.text(with: name) ?? "~\(name.escaped)")"
    }

    /// Begins a set, with an origin unless the GO will be that. The directory must not be there: tickets are
    /// used once.
    func make(_ ticket: Ticket, from origin: Origin, _ trigger: FileName?) throws(SystemFault) {
        guard try held.makeDirectory(ticket.description) else {
            throw SystemFault(operation: "mkdir", path: ticket.description, code: EEXIST)
        }
        if let trigger, origin.text(with: trigger) != nil { return }
        do throws(SystemFault) {
            _ = try held.create("\(ticket)/\(origin.text)")
        } catch {
            try? abandon(ticket, from: origin)
            throw error
        }
    }

    /// Removes a directory that holds nothing any more but the empty origin.
    func abandon(_ ticket: Ticket, from origin: Origin) throws(SystemFault) {
        try held.remove("\(ticket)/\(origin.text)")
        try held.removeDirectory(ticket.description)
    }

    /// Writes a part anew, durably. After a failed sync the kernel may hold pages for clean that never reached the
    /// disk; a copy is dirty again.
    func rewrite(_ name: FileName, of ticket: Ticket) throws(SystemFault) -> OpenFile {
        let temporary = "\(ticket)/\(HeldSets.copyName)"
        let file = try held.open(path(name, ticket))
        try held.remove(temporary)
        let copy = try held.create(temporary)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 * 1024, alignment: 16)
        defer { buffer.deallocate() }
        var size: UInt64 = 0
        while true {
            let count = try file.read(into: buffer, at: size)
            if count == 0 { break }
            try copy.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]), at: size)
            size += UInt64(count)
        }
        try copy.sync()
        try held.replace(path(name, ticket), with: temporary)
        return copy
    }

    func content(_ ticket: Ticket) throws(SystemFault) -> Content {
        var content = Content()
        for text in try held.names(in: ticket.description) {
            if let origin = Origin(text) {
                content.origin = origin
                guard let trigger = origin.trigger else { continue }
                content.trigger = trigger
                content.triggerText = text
            } else if text == ConsignedSets.noteName {
                content.hasNote = true
            } else if text.hasPrefix("~"), let name = FileName(escaped: text.dropFirst()),
                name.escaped == text.dropFirst()
            {
                content.trigger = name
                content.triggerText = text
            } else if let name = FileName(escaped: text), name.escaped == text {
                content.parts.append(name)
            } else if text != HeldSets.copyName, text != ConsignedSets.newNoteName {
                content.strangers.append(text)
            }
        }
        content.parts.sort { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        return content
    }

    /// Removes a set's directory with all that is in it, the origin last (it sorts last).
    func remove(_ ticket: Ticket) throws(SystemFault) {
        try held.removeDirectoryWithFiles(ticket.description)
    }

    /// The tickets that have a directory.
    func tickets() throws(SystemFault) -> [Ticket] {
        try held.names(in: ".").compactMap { Ticket($0) }
    }
}
