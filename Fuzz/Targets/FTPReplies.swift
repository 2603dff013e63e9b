@testable internal import Channels

extension FuzzTarget {
    /// What an FTP server says on the control connection.
    ///
    /// Proves: a code has three digits; no more is kept than was said; what people are told of it is printable.
    static let ftpReplies = FuzzTarget(name: "ftp-replies", longest: 2048) {
        [[UInt8]](
            texts:
                "220 Welcome\r\n331 Password\r\n230-Some\r\n 230 words\r\n230 more\r\n550 No such file.\r\n",
            "211-Features:\r\n MLST type*;\r\n SIZE\r\n211 End\r\n500 What?\r\n", "226\n",
            "553 \u{1B}[2J exists\n")
    } prove: { input in
        var reader = FTPReplyReader()
        for line in input.split(separator: 0x0A, omittingEmptySubsequences: false)
        where !reader.take(line + [0x0A]) {
            hold(reader.isTooLong, "the reader stopped for no reason")
            return
        }
        hold(reader.replies.flatMap(\.lines).joined().count <= input.count, "more is kept than was said")
        for reply in reader.replies {
            hold((0...999).contains(reply.code), "the code \(reply.code)")
            let sentence = reply.fault.sentence
            hold(
                sentence.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F },
                "control characters")
        }
    }
}
