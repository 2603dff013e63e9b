internal import Exchange
internal import Foundation

/// How directories and files look to a peer. Owner and modes are the same for everything: a sender owns its
/// home, files are its own alone, and outgoing directories take no writing.
struct SFTPListing {
    private static let owner: UInt32 = 1000
    private static let directoryType: UInt32 = 0o040000
    private static let fileType: UInt32 = 0o100000

    /// The name shown as owner and group.
    let user: String
    /// The time shown for directories.
    let since: Date

    func root() -> SFTPAttributes { attributes(mode: SFTPListing.directoryType | 0o500, size: 0, at: since) }

    func directory(_ mailbox: Mailbox) -> SFTPAttributes {
        let mode: UInt32 = mailbox.takesUploads ? 0o700 : 0o500
        return attributes(mode: SFTPListing.directoryType | mode, size: 0, at: since)
    }

    func file(size: UInt64, modifiedAt: Date) -> SFTPAttributes {
        attributes(mode: SFTPListing.fileType | 0o600, size: size, at: modifiedAt)
    }

    /// One of the six directories.
    func name(_ mailbox: Mailbox, at now: Date) -> SFTPReplyWriter.Name {
        name(Array(mailbox.rawValue.utf8), directory(mailbox), at: now)
    }

    func name(_ entry: HomeEntry, at now: Date) -> SFTPReplyWriter.Name {
        name(entry.name.bytes, file(size: entry.size, modifiedAt: entry.modifiedAt), at: now)
    }

    private func attributes(mode: UInt32, size: UInt64, at date: Date) -> SFTPAttributes {
        let seconds = UInt32(min(max(date.timeIntervalSince1970, 0), Double(UInt32.max)))
        var attributes = SFTPAttributes(size: size)
        attributes.owner = (SFTPListing.owner, SFTPListing.owner)
        attributes.permissions = mode
        attributes.times = (seconds, seconds)
        return attributes
    }

    private func name(_ bytes: [UInt8], _ attributes: SFTPAttributes, at now: Date) -> SFTPReplyWriter.Name {
        let mode = attributes.permissions ?? 0
        let letters = (0..<9).map { mode & (0o400 >> UInt32($0)) != 0 ? ["r", "w", "x"][$0 % 3] : "-" }
            .joined()
        let type = mode & SFTPListing.directoryType != 0 ? "d" : "-"
        let size = String(attributes.size ?? 0)
        let padding = String(repeating: " ", count: max(0, 8 - size.utf8.count))
        let date = SFTPListing.dateColumn(seconds: attributes.times?.modification ?? 0, now: now)
        let line = "\(type)\(letters)    1 \(user) \(user) \(padding)\(size) \(date) "
        // A terminal shows the line as it is: no control character may reach it.
        let shown = bytes.map { $0 < 0x20 || $0 == 0x7F ? 0x3F : $0 }
        return SFTPReplyWriter.Name(name: bytes, longName: Array(line.utf8) + shown, attributes: attributes)
    }

    /// As `ls -l` writes it: the time within half a year, the year otherwise; in UTC.
    private static func dateColumn(seconds: UInt32, now: Date) -> String {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        var time = time_t(seconds)
        var parts = tm()
        guard gmtime_r(&time, &parts) != nil, months.indices.contains(Int(parts.tm_mon)) else {
            return "Jan  1  1970"
        }
        let day = parts.tm_mday < 10 ? " \(parts.tm_mday)" : "\(parts.tm_mday)"
        let age = now.timeIntervalSince1970 - Double(seconds)
        let isRecent = age < 182 * 86_400 && age > -86_400
        let clock = "\(String(parts.tm_hour).leftPadded(to: 2)):\(String(parts.tm_min).leftPadded(to: 2))"
        return "\(months[Int(parts.tm_mon)]) \(day) \(isRecent ? clock : " \(parts.tm_year + 1900)")"
    }
}
