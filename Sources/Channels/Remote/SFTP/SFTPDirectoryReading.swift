/// Reads one directory to its end, or to more entries than are taken.
struct SFTPDirectoryReading {
    /// READDIRs under way; OpenSSH answers each with a hundred names.
    private static let ahead = 4

    private let directory: RemotePath
    private let talk: SFTPTalk
    private let entriesAtMost: Int
    private var entries: [RemoteEntry] = []
    /// With `.` and `..`, which a server may repeat.
    private var namesSeen = 0

    init(of directory: RemotePath, _ talk: SFTPTalk, entriesAtMost: Int) {
        self.directory = directory
        self.talk = talk
        self.entriesAtMost = entriesAtMost
    }

    mutating func run() throws(RemoteFault) -> [RemoteEntry] {
        let deed = "listing \(peerWords(directory.bytes))"
        let handle = try talk.handle(of: talk.ask(.openDirectory(path: directory.bytes)), deed)
        var asked: [UInt32] = []
        while true {
            while asked.count < SFTPDirectoryReading.ahead {
                asked.append(try talk.ask(.readDirectory(handle: handle)))
            }
            switch try talk.reply(to: asked.removeFirst()) {
            case .names(let names):
                guard !names.isEmpty else { throw talk.garbled("a listing without end") }
                guard take(names) else {
                    try talk.letGo(handle, unread: asked)
                    throw RemoteFault(.tooMuch, "\(deed): more than \(entriesAtMost) entries")
                }
            case .status(let status) where status.isEndOfFile:
                try talk.letGo(handle, unread: asked)
                return entries
            case .status(let status) where !status.isOK:
                let fault = talk.refused(RemoteFault(status, deed))
                if !fault.breaksConnection { try talk.letGo(handle, unread: asked) }
                throw fault
            default: throw talk.garbled("something else than names")
            }
        }
    }

    /// False when there are more than are taken.
    private mutating func take(_ names: [SFTPName]) -> Bool {
        namesSeen += names.count
        for name in names where name.name != [0x2E] && name.name != [0x2E, 0x2E] {
            entries.append(RemoteEntry(name))
        }
        return entries.count <= entriesAtMost && namesSeen <= entriesAtMost + 2
    }
}

extension RemoteEntry {
    fileprivate init(_ name: SFTPName) {
        let seconds = name.attributes.times?.modification
        self.init(
            name: name.name, kind: Kind(name), size: name.attributes.size,
            stamp: seconds.map { "\($0)" } ?? "", modifiedAt: seconds.map(Double.init))
    }
}

extension RemoteEntry.Kind {
    /// From the mode (`S_IFMT` of stat(2)); where the server gives none, from its line as `ls -l` writes it.
    fileprivate init(_ name: SFTPName) {
        switch (name.attributes.permissions.map { $0 & 0o170000 } ?? 0, name.letter) {
        case (0o100000, _), (0, UInt8(ascii: "-")): self = .file
        case (0o040000, _), (0, UInt8(ascii: "d")): self = .directory
        default: self = .other
        }
    }
}
