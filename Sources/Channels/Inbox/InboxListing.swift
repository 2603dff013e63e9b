internal import Exchange

/// The files of one directory at a server, as they were listed.
struct InboxListing {
    private(set) var files: [FileName: RemoteEntry] = [:]
    /// Names of files that cannot be taken: longer than allowed, or with bytes that have a meaning in the protocol.
    private(set) var oddities: [[UInt8]] = []
    /// What the server does not say the kind of: files, perhaps.
    private(set) var unknowns: [FileName: RemoteEntry] = [:]

    init() {}

    init(_ entries: [RemoteEntry], in directory: RemotePath) {
        for entry in entries where entry.kind == .file {
            if let name = FileName(entry.name), directory.appending(entry.name) != nil {
                files[name] = entry
            } else {
                oddities.append(entry.name)
            }
        }
        for entry in entries where entry.kind == .other {
            if let name = FileName(entry.name) { unknowns[name] = entry }
        }
    }

    subscript(name: FileName) -> RemoteEntry? { files[name] }

    func fingerprint(of names: [FileName]) -> InboxFingerprint {
        InboxFingerprint(of: names.compactMap { files[$0] })
    }

    /// Whether a file that was listed before is there still, for all the listing tells.
    func holds(_ name: FileName, _ old: RemoteEntry) -> Bool {
        (files[name] ?? unknowns[name])?.isUnchanged(old) ?? false
    }
}
