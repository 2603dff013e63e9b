internal import Exchange
internal import Foundation

extension SFTPConversation {
    private static let batchEntries = 100
    private static let batchBytes = 30_000
    private static let longestPath = 4096

    /// Where `path` leads. Something that would be made outside the tree is denied; otherwise it is just not
    /// there.
    func place(_ path: [UInt8], creating: Bool = false) throws(SFTPRefusal) -> VirtualPath {
        do throws(VirtualPath.Fault) {
            return try VirtualPath(path)
        } catch {
            let refusal = SFTPRefusal(error)
            guard creating, error == .outside else { throw refusal }
            throw SFTPRefusal(.permissionDenied, refusal.message)
        }
    }

    func status(_ id: UInt32, _ path: [UInt8]) throws(SFTPRefusal) {
        switch try place(path) {
        case .root: replies.attributes(id, listing.root())
        case .directory(let mailbox): replies.attributes(id, listing.directory(mailbox))
        case .file(let mailbox, let name):
            let entry = try entry(name, mailbox)
            replies.attributes(id, listing.file(size: entry.size, modifiedAt: entry.modifiedAt))
        }
    }

    private func entry(_ name: FileName, _ mailbox: Mailbox) throws(SFTPRefusal) -> HomeEntry {
        do throws(HomeFault) {
            return try home.entry(named: name, in: mailbox)
        } catch {
            guard error == .noSuchFile,
                let closed = closedFiles.entry(.init(mailbox: mailbox, name: name), at: now())
            else { throw SFTPRefusal(error) }
            return closed
        }
    }

    func set(_ id: UInt32, _ attributes: SFTPAttributes, at path: [UInt8]) throws(SFTPRefusal) {
        let place = try place(path)
        if let size = attributes.size {
            guard case .file(let mailbox, let name) = place, let handle = openUpload(of: name, in: mailbox)
            else {
                throw SFTPRefusal(.permissionDenied, "only a file being written can be cut or extended")
            }
            try resize(handle, to: size)
        }
        accept(id)
    }

    private func openUpload(of name: FileName, in mailbox: Mailbox) -> UInt32? {
        let handles = handles.entries.filter { _, entry in
            guard case .upload(let open) = entry else { return false }
            return open.name == name && open.mailbox == mailbox
        }
        return handles.keys.max()
    }

    func openDirectory(_ id: UInt32, _ path: [UInt8]) throws(SFTPRefusal) {
        guard handles.hasRoom else {
            throw SFTPRefusal(.failure, "too many open files (\(handles.limit) at the most)")
        }
        guard handles.hasRoomForDirectory else {
            throw SFTPRefusal(
                .failure, "too many open directories (\(SFTPHandleTable.mostDirectories) at the most)")
        }
        let directory: SFTPHandleTable.OpenDirectory
        switch try place(path) {
        case .root:
            directory = .init(content: .mailboxes, attributes: listing.root())
        case .directory(let mailbox):
            let entries = try entries(in: mailbox)
            directory = .init(content: .files(entries), attributes: listing.directory(mailbox))
        case .file(let mailbox, let name):
            _ = try entry(name, mailbox)
            throw SFTPRefusal(.failure, "not a directory")
        }
        replies.handle(id, handles.add(.directory(directory)))
    }

    private func entries(in mailbox: Mailbox) throws(SFTPRefusal) -> [HomeEntry] {
        var entries: [HomeEntry]
        do throws(HomeFault) { entries = try home.entries(in: mailbox) } catch { throw SFTPRefusal(error) }
        entries.sort { $0.name.bytes.lexicographicallyPrecedes($1.name.bytes) }
        return entries
    }

    func readDirectory(_ id: UInt32, _ handle: UInt32) throws(SFTPRefusal) {
        guard case .directory(var open)? = handles[handle] else {
            throw handles[handle] == nil ? .unknownHandle : SFTPRefusal(.failure, "not a directory")
        }
        guard open.next < open.content.count else { throw SFTPRefusal(.endOfFile, "no more names") }
        let names = batch(of: open.content, from: open.next)
        replies.names(id, names)
        open.next += names.count
        handles[handle] = .directory(open)
    }

    /// At least one name.
    private func batch(
        of content: SFTPHandleTable.OpenDirectory.Content, from start: Int
    ) -> [SFTPReplyWriter.Name] {
        var names: [SFTPReplyWriter.Name] = []
        var size = 0
        let now = now()
        for index in start..<min(content.count, start + SFTPConversation.batchEntries) {
            let name =
                switch content {
                case .mailboxes: listing.name(Mailbox.allCases[index], at: now)
                case .files(let entries): listing.name(entries[index], at: now)
                }
            size += name.name.count + name.longName.count + 40
            if size > SFTPConversation.batchBytes, !names.isEmpty { break }
            names.append(name)
        }
        return names
    }

    func remove(_ id: UInt32, _ path: [UInt8]) throws(SFTPRefusal) {
        guard case .file(let mailbox, let name) = try place(path) else {
            throw SFTPRefusal(.permissionDenied, "directories cannot be removed")
        }
        do throws(HomeFault) { try home.remove(name, in: mailbox) } catch { throw SFTPRefusal(error) }
        closedFiles.remove(.init(mailbox: mailbox, name: name))
        accept(id)
    }

    func rename(_ id: UInt32, _ from: [UInt8], _ to: [UInt8], replacing: Bool) throws(SFTPRefusal) {
        guard case .file(let mailbox, let name) = try place(from) else {
            throw SFTPRefusal(.permissionDenied, "directories cannot be renamed")
        }
        guard case .file(let newMailbox, let newName) = try place(to, creating: true) else {
            throw SFTPRefusal(.failure, "the new name is a directory")
        }
        guard mailbox == newMailbox else {
            throw SFTPRefusal(.permissionDenied, "a file stays in its directory")
        }
        let size = (try? home.entry(named: name, in: mailbox))?.size ?? 0
        let target = SFTPClosedFiles.File(mailbox: mailbox, name: newName)
        closedFiles.remove(.init(mailbox: mailbox, name: name))
        closedFiles.remove(target)
        run(.rename(id: id, to: target, size: size)) {
            home.rename(name, to: newName, in: mailbox, replacing: replacing, completion: $0)
        }
    }

    func realPath(_ id: UInt32, _ path: [UInt8]) {
        guard path.count <= SFTPConversation.longestPath else {
            return refuse(id, SFTPRefusal(.noSuchFile, "path too long"))
        }
        let canonical = VirtualPath.canonical(path)
        replies.names(
            id, [SFTPReplyWriter.Name(name: canonical, longName: canonical, attributes: SFTPAttributes())])
    }

    /// Never makes one; for a directory that is there, the failure lets recursive uploads go on.
    func makeDirectory(_ path: [UInt8]) throws(SFTPRefusal) {
        switch try place(path, creating: true) {
        case .root, .directory: throw SFTPRefusal(.failure, "already exists")
        case .file: throw SFTPRefusal(.permissionDenied, "directories cannot be made")
        }
    }

    func removeDirectory(_ path: [UInt8]) throws(SFTPRefusal) {
        _ = try place(path)
        throw SFTPRefusal(.permissionDenied, "directories cannot be removed")
    }
}
