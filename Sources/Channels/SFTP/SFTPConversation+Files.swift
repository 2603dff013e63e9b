internal import Exchange
internal import Foundation

extension SFTPConversation {
    func open(_ id: UInt32, _ path: [UInt8], _ access: SFTPAccess) throws(SFTPRefusal) {
        guard case .file(let mailbox, let name) = try place(path, creating: access.isWriting) else {
            throw SFTPRefusal(.failure, "that is a directory")
        }
        guard handles.hasRoom else {
            throw SFTPRefusal(.failure, "too many open files (\(handles.limit) at the most)")
        }
        guard handles.allowance.take() else {
            throw SFTPRefusal(
                .failure, "too many open files of this sender (\(handles.allowance.limit) at the most)")
        }
        let entry: SFTPHandleTable.Entry
        do throws(HomeFault) {
            if access.isWriting {
                entry = try openUpload(name, mailbox, access)
            } else {
                let download = try home.download(name, in: mailbox)
                let modifiedAt = (try? home.entry(named: name, in: mailbox))?.modifiedAt ?? listing.since
                entry = .download(.init(download: download, modifiedAt: modifiedAt))
            }
        } catch {
            handles.allowance.giveBack()
            throw SFTPRefusal(error)
        }
        replies.handle(id, handles.add(entry))
    }

    private func openUpload(
        _ name: FileName, _ mailbox: Mailbox, _ access: SFTPAccess
    ) throws(HomeFault) -> SFTPHandleTable.Entry {
        guard mailbox.takesUploads else { throw .notAllowed }
        if !access.contains(.create) { _ = try home.entry(named: name, in: mailbox) }
        let exclusively = access.isSuperset(of: [.create, .exclusive])
        let replaces = exclusively || access.contains(.truncate)
        let upload = try home.upload(
            name, in: mailbox, mode: replaces ? .replace(exclusively: exclusively) : .resume)
        closedFiles.remove(.init(mailbox: mailbox, name: name))
        return .upload(
            .init(upload: upload, mailbox: mailbox, name: name, appends: access.contains(.append)))
    }

    func write(
        _ id: UInt32, _ handle: UInt32, _ bytes: UnsafeRawBufferPointer, at offset: UInt64
    ) throws(SFTPRefusal) {
        let open = try upload(handle)
        guard !open.hasFailed else { throw SFTPRefusal(.failure, "an earlier write to this file failed") }
        do throws(HomeFault) {
            try open.upload.write(bytes, at: open.appends ? open.upload.size : offset)
        } catch {
            markFailed(handle)
            throw SFTPRefusal(error)
        }
        bytesWritten += UInt64(bytes.count)
        accept(id)
    }

    func read(_ id: UInt32, _ handle: UInt32, _ offset: UInt64, _ length: UInt32) throws(SFTPRefusal) {
        let open: SFTPHandleTable.OpenDownload
        switch handles[handle] {
        case .download(let found)?: open = found
        case .upload?: throw SFTPRefusal(.permissionDenied, "the file is open for writing")
        case .closing?: throw .closingHandle
        case .directory?: throw SFTPRefusal(.failure, "that is a directory")
        case nil: throw .unknownHandle
        }
        guard offset < open.download.size else { throw SFTPRefusal(.endOfFile, "end of file") }
        let most = min(UInt64(length), UInt64(SFTPConversation.longestTransfer), open.download.size - offset)
        let count: Int
        do throws(HomeFault) {
            count = try replies.data(id, length: Int(most)) {
                (room: UnsafeMutableRawBufferPointer) throws(HomeFault) in
                try open.download.read(into: room, at: offset)
            }
        } catch {
            throw SFTPRefusal(error)
        }
        guard count > 0 else { throw SFTPRefusal(.endOfFile, "end of file") }
        bytesRead += UInt64(count)
    }

    func close(_ id: UInt32, _ handle: UInt32) throws(SFTPRefusal) {
        switch handles[handle] {
        case .upload(let open)?:
            try close(id, handle, open)
        case .download(let open)?:
            handles[handle] = nil
            open.download.close()
            accept(id)
        case .directory?:
            handles[handle] = nil
            accept(id)
        case .closing?: throw .closingHandle
        case nil: throw .unknownHandle
        }
    }

    private func close(
        _ id: UInt32, _ handle: UInt32, _ open: SFTPHandleTable.OpenUpload
    ) throws(SFTPRefusal) {
        guard !open.hasFailed else {
            handles[handle] = nil
            open.upload.abandon()
            throw SFTPRefusal(.failure, "a write failed: the file is incomplete and triggers nothing")
        }
        handles[handle] = .closing
        let file = SFTPClosedFiles.File(mailbox: open.mailbox, name: open.name)
        run(.close(id: id, handle: handle, file, size: open.upload.size)) {
            open.upload.close(completion: $0)
        }
    }

    func sync(_ id: UInt32, _ handle: UInt32) throws(SFTPRefusal) {
        var open = try upload(handle)
        open.isSyncing = true
        handles[handle] = .upload(open)
        run(.sync(id: id, handle: handle)) { open.upload.sync(completion: $0) }
    }

    func status(_ id: UInt32, of handle: UInt32) throws(SFTPRefusal) {
        switch handles[handle] {
        case .upload(let open)?:
            replies.attributes(id, listing.file(size: open.upload.size, modifiedAt: now()))
        case .download(let open)?:
            replies.attributes(id, listing.file(size: open.download.size, modifiedAt: open.modifiedAt))
        case .directory(let open)?:
            replies.attributes(id, open.attributes)
        case .closing?: throw .closingHandle
        case nil: throw .unknownHandle
        }
    }

    /// Size cuts or extends; modes, times and owners are taken and forgotten, because clients set them after
    /// every upload and they mean nothing here.
    func set(_ id: UInt32, _ attributes: SFTPAttributes, of handle: UInt32) throws(SFTPRefusal) {
        switch handles[handle] {
        case .closing?: throw .closingHandle
        case nil: throw .unknownHandle
        default: break
        }
        if let size = attributes.size { try resize(handle, to: size) }
        accept(id)
    }

    func resize(_ handle: UInt32, to size: UInt64) throws(SFTPRefusal) {
        let open = try upload(handle)
        do throws(HomeFault) {
            try open.upload.resize(to: size)
        } catch {
            markFailed(handle)
            throw SFTPRefusal(error)
        }
    }

    private func upload(_ handle: UInt32) throws(SFTPRefusal) -> SFTPHandleTable.OpenUpload {
        switch handles[handle] {
        case .upload(let open)?: return open
        case .download?: throw SFTPRefusal(.permissionDenied, "the file is open for reading")
        case .directory?: throw SFTPRefusal(.failure, "that is a directory")
        case .closing?: throw .closingHandle
        case nil: throw .unknownHandle
        }
    }

    private func markFailed(_ handle: UInt32) {
        guard case .upload(var open)? = handles[handle] else { return }
        open.hasFailed = true
        handles[handle] = .upload(open)
    }
}
