/// One answer of an FTP server on the control connection (RFC 959, 4.2).
struct FTPReply: Equatable {
    let code: Int
    /// Without code and line ends.
    let lines: [[UInt8]]

    /// What it refuses with, of a command that named one file.
    var fault: RemoteFault {
        let words = (lines.last ?? []).reversed().drop { $0 == 0x2E || $0 == 0x20 }.reversed()
        return RemoteFault(kind, "The server answers \(code) \(peerWords(words)).")
    }

    private var kind: RemoteFault.Kind {
        switch code {
        case 421, 425, 426: .brokenOff
        case 331, 332, 430, 530, 532: .notAdmitted
        case 452, 552: .tooMuch
        case 521: .alreadyExists
        case 400..<600
        where says(["no such file", "not found", "not exist", "n't exist", "not find", "no such dir"]):
            .noSuchFile
        case 400..<600 where says(["exists", "already exist"]): .alreadyExists
        default: .notAllowed
        }
    }

    /// False when the words leave open whether the file is there: RFC 959 has one code for both.
    var isAmbiguous: Bool { (code == 550 || code == 553 || code == 450) && kind == .notAllowed }

    /// The command is one that the server does not know.
    var isUnknownCommand: Bool { code == 500 || code == 501 || code == 502 || code == 504 }

    private func says(_ phrases: [String]) -> Bool {
        let text = lines.map { String(decoding: $0.lowercased, as: UTF8.self) }.joined(separator: " ")
        return phrases.contains { text.contains($0) }
    }
}

/// Puts the lines of the control connection together to replies.
struct FTPReplyReader {
    /// More than the answers to all commands of one transfer have, a greeting with them.
    private static let longest = 65_536

    private(set) var replies: [FTPReply] = []
    /// The server said more than anybody wants to hear.
    private(set) var isTooLong = false
    private var bytes = 0
    private var open: (code: Int, lines: [[UInt8]])?

    /// False when nothing more is wanted.
    mutating func take(_ line: some Collection<UInt8>) -> Bool {
        bytes += line.count
        isTooLong = bytes > FTPReplyReader.longest
        guard !isTooLong else { return false }
        let text = Array(line.reversed().drop { $0 == 0x0A || $0 == 0x0D }.reversed())
        let code =
            text.count == 3 || text.dropFirst(3).first == 0x20 ? text.prefix(3).decimal.map(Int.init) : nil
        if let begun = open?.code {
            open?.lines.append(begun == code ? Array(text.dropFirst(4)) : text)
            if begun == code, let (_, lines) = open {
                replies.append(FTPReply(code: begun, lines: lines))
                open = nil
            }
        } else if let code {
            replies.append(FTPReply(code: code, lines: [Array(text.dropFirst(4))]))
        } else if let begun = text.prefix(3).decimal, text.prefix(3).count == 3 {
            open = (Int(begun), [Array(text.dropFirst(4))])
        }
        return true
    }
}
