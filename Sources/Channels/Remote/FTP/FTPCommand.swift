/// A command as it goes over the control connection. No path can end it, and no text of a stranger is in one.
struct FTPCommand {
    let bytes: [UInt8]

    static func bare(_ words: StaticString) -> FTPCommand { FTPCommand(bytes: Array("\(words)".utf8)) }

    static func of(_ verb: StaticString, _ path: RemotePath) -> FTPCommand {
        FTPCommand(bytes: Array("\(verb) ".utf8) + path.bytes)
    }
}

extension RemotePath {
    /// As a path in a URL of FTP (RFC 1738, 3.2.2), where the slash that begins one from the root is written `%2F`.
    var percentEncoded: [UInt8] {
        var encoded: [UInt8] = []
        for (index, byte) in bytes.enumerated() {
            switch byte {
            case 0x2F where index > 0, 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F:
                encoded.append(byte)
            default: encoded += [0x25, RemotePath.digits[Int(byte >> 4)], RemotePath.digits[Int(byte & 15)]]
            }
        }
        return encoded
    }

    private static let digits = Array("0123456789ABCDEF".utf8)
}
