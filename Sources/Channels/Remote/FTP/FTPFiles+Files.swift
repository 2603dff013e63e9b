internal import CLibCurl

extension FTPFiles {
    /// libcurl never asks for the size before: under TLS some servers answer that late, and the answer would be taken
    /// for more than a hint.
    func read(
        _ path: RemotePath, from offset: UInt64, _ take: (UnsafeRawBufferPointer) throws -> Void
    ) throws(RemoteFault) {
        let end = run(sink: take) { easy in
            aim(easy, at: path, isDirectory: false)
            easy.set(CURLOPT_IGNORE_CONTENT_LENGTH, 1)
            if offset > 0 { easy.set(CURLOPT_PREQUOTE, lines: [Array("REST \(offset)".utf8)]) }
        }
        guard let fault = end.fault else { return }
        if fault.kind == .notAllowed, let last = end.replies.last { throw clarified(last, path) }
        throw broken(by: fault)
    }

    /// Goes on only with a file of exactly `offset` bytes, as the server tells it: anything else is `.notAllowed`.
    func write(
        _ path: RemotePath, from offset: UInt64, _ give: (UnsafeMutableRawBufferPointer) throws -> Int
    ) throws(RemoteFault) {
        if offset > 0 {
            let there = try size(of: path)
            guard there == offset else {
                let size = there.map { "\($0)" } ?? "an unknown number of"
                throw RemoteFault(.notAllowed, "The file to go on with has \(size) bytes, not \(offset).")
            }
        }
        try transfer(source: give) { easy in
            aim(easy, at: path, isDirectory: false)
            easy.set(CURLOPT_UPLOAD, 1)
            if offset > 0 { easy.set(CURLOPT_APPEND, 1) }
        }
    }

    func size(of path: RemotePath) throws(RemoteFault) -> UInt64? {
        // In ASCII the size would be another, and many servers do not tell it.
        let answer = try say(.bare("TYPE I"), .of("SIZE", path))[1]
        if let size = answer.size { return size }
        switch look(for: path) {
        case .there(let entry): return entry.size
        case .absent: throw RemoteFault(.noSuchFile, answer.fault.sentence)
        case .unknown:
            let fault = answer.fault
            if fault.kind == .notAllowed { return nil }
            throw broken(by: fault)
        }
    }

    func remove(_ path: RemotePath) throws(RemoteFault) {
        let answer = try say(.of("DELE", path))[0]
        if !answer.isConsent { throw clarified(answer, path) }
    }

    func makeDirectory(_ path: RemotePath) throws(RemoteFault) {
        let answer = try say(.of("MKD", path))[0]
        if answer.isConsent { return }
        if answer.isAmbiguous, case .there = look(for: path) {
            throw RemoteFault(.alreadyExists, answer.fault.sentence)
        }
        throw broken(by: answer.fault)
    }

    /// A server that does not put a file in the place of another is told to remove the other first; between the two
    /// there is none.
    func rename(_ path: RemotePath, to newPath: RemotePath) throws(RemoteFault) {
        let refusal = try moved(path, to: newPath)
        guard let refusal else { return }
        guard (500..<600).contains(refusal.code), refusal.code != 503,
            case .there(let entry) = look(for: newPath),
            entry.kind != .directory
        else { throw broken(by: refusal.fault) }
        try remove(newPath)
        if let refusal = try moved(path, to: newPath) { throw broken(by: refusal.fault) }
    }

    /// What the server has against the new name, if anything.
    private func moved(_ path: RemotePath, to newPath: RemotePath) throws(RemoteFault) -> FTPReply? {
        let answers = try say(.of("RNFR", path), .of("RNTO", newPath))
        guard answers[0].code == 350 else { throw clarified(answers[0], path) }
        return answers[1].isConsent ? nil : answers[1]
    }

    private enum Presence {
        case there(RemoteEntry)
        case absent
        case unknown
    }

    /// Looks into the directory a path is in.
    private func look(for path: RemotePath) -> Presence {
        guard let (directory, name) = path.parted, let entries = try? list(directory) else { return .unknown }
        return entries.first { $0.name == name }.map(Presence.there) ?? .absent
    }

    /// A refusal, where its words leave open whether the file is there, after a look.
    private func clarified(_ refusal: FTPReply, _ path: RemotePath) -> RemoteFault {
        let fault = refusal.fault
        if refusal.isAmbiguous, case .absent = look(for: path) {
            return RemoteFault(.noSuchFile, fault.sentence)
        }
        return broken(by: fault)
    }
}

extension FTPReply {
    var isConsent: Bool { (200..<300).contains(code) }

    /// What `SIZE` was answered.
    var size: UInt64? { code == 213 ? lines.last.flatMap { $0.prefix { $0 != 0x20 }.decimal } : nil }
}
