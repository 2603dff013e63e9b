internal import CLibCurl

extension FTPFiles {
    func list(_ directory: RemotePath) throws(RemoteFault) -> [RemoteEntry] {
        if hasMachineListing {
            if let entries = try listing(.mlsd, directory, FTPLine.machine) { return entries }
            hasMachineListing = false
        }
        if hasReadableListing {
            if let entries = try listing(.list, directory, FTPLine.human) {
                if entries.isEmpty { try enter(directory) }
                return entries
            }
            hasReadableListing = false
        }
        return try sized(names(in: directory), in: directory)
    }

    /// Bytes; more is `.tooMuch`.
    private static let longestListing = 64 << 20

    private enum Command: String {
        case mlsd = "MLSD"
        case list = "LIST"
        case nlst = "NLST"
    }

    /// Nil when the server does not know the command, or writes what `read` cannot read.
    private func listing(
        _ command: Command, _ directory: RemotePath, _ read: @escaping ([UInt8]) -> FTPLine
    ) throws(RemoteFault) -> [RemoteEntry]? {
        let limits = FTPListingReader.Limits(entries: settings.entriesAtMost, bytes: FTPFiles.longestListing)
        var reader = FTPListingReader(limits, read)
        let end = run(sink: { if !reader.take($0) { throw FTPEnough() } }) { easy in
            aim(easy, at: command == .mlsd ? directory : directory.neverAnOption, isDirectory: true)
            easy.set(CURLOPT_CUSTOMREQUEST, command.rawValue)
        }
        if end.fault == nil { reader.finish() }
        if let fault = reader.fault { throw broken(by: fault) }
        if reader.isUnknown { return nil }
        guard let fault = end.fault else { return reader.entries }
        if end.replies.last?.isUnknownCommand ?? false, !fault.breaksConnection { return nil }
        // Neither code nor words need tell what is missing, and some servers refuse to list nothing.
        if end.replies.last?.isAmbiguous ?? false || command == .nlst && fault.kind == .noSuchFile {
            try enter(directory)
            if command == .nlst { return [] }
        }
        throw broken(by: fault)
    }

    /// Throws unless the server can go there: for those that list a directory which is not there as if it were empty.
    private func enter(_ directory: RemotePath) throws(RemoteFault) {
        guard let home = entryDirectory else { return }
        let replies = try say(.of("CWD", directory), .of("CWD", home))
        guard replies[1].code < 300 else {
            throw broken(by: replies[1].isAmbiguous ? lost : replies[1].fault)
        }
        guard replies[0].code >= 300 else { return }
        let fault = replies[0].fault
        throw broken(by: replies[0].isAmbiguous ? RemoteFault(.noSuchFile, fault.sentence) : fault)
    }

    private var lost: RemoteFault {
        RemoteFault(.garbled, "The server does not find back to where it began.")
    }

    /// Only names, and nothing of what they stand for. Some servers write the directory before each.
    private func names(in directory: RemotePath) throws(RemoteFault) -> [RemoteEntry] {
        let prefix = directory.bytes.last == 0x2F ? directory.bytes : directory.bytes + [0x2F]
        let entries = try listing(.nlst, directory) { line in
            FTPLine.of(
                line.starts(with: prefix) ? line.dropFirst(prefix.count) : line[...], .other, size: nil,
                stamp: "")
        }
        guard let entries else { throw RemoteFault(.notAllowed, "The server lists no directories.") }
        return entries
    }

    /// The same with sizes, where the server tells them one by one: what has one is a file.
    private func sized(
        _ entries: [RemoteEntry], in directory: RemotePath
    ) throws(RemoteFault) -> [RemoteEntry] {
        var known: [RemoteEntry] = []
        for entry in entries {
            guard let path = directory.appending(entry.name) else { continue }
            let answer = try say(.bare("TYPE I"), .of("SIZE", path))[1]
            if answer.isUnknownCommand { return entries }
            let size = answer.size
            known.append(
                RemoteEntry(
                    name: entry.name, kind: size == nil ? .other : .file, size: size, stamp: "",
                    modifiedAt: nil))
        }
        return known
    }
}

extension RemotePath {
    /// The same place, in words that no `ls` behind a server takes for options.
    fileprivate var neverAnOption: RemotePath {
        bytes.first == 0x2D ? RemotePath([0x2E, 0x2F] + bytes) ?? self : self
    }
}
