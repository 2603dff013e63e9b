extension RemoteFault {
    /// What a server says instead of doing `deed`. Version 3 has one code, FAILURE, for all its troubles, which is
    /// taken for `failure`; later codes (draft-ietf-secsh-filexfer-13, section 9.1) are understood where a server
    /// uses them all the same.
    init(_ status: SFTPStatus, _ deed: String, failure: Kind = .notAllowed) {
        let kind: Kind =
            switch status.code {
            case 2, 10: .noSuchFile
            // What will pass is told in words only, by our own server among others.
            case 4: String(decoding: status.words, as: UTF8.self).contains("try later") ? .brokenOff : failure
            case 6, 7: .brokenOff
            case 11: .alreadyExists
            case 14, 15: .tooMuch
            default: .notAllowed
            }
        let words = peerWords(status.words)
        self.init(
            kind, "\(deed): " + (words.isEmpty ? "status \(status.code)" : "\(words) (status \(status.code))")
        )
    }

    static func garbled(_ reason: String) -> RemoteFault {
        RemoteFault(.garbled, "the server sent \(reason)")
    }
}
