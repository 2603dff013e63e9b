/// Words of a peer as people may see them: at most `limit` characters, nothing in them that acts on a terminal.
func peerWords(_ bytes: some Sequence<UInt8>, limit: Int = 160) -> String {
    var words = ""
    for byte in bytes.prefix(limit) {
        switch byte {
        case 0x5C, 0..<0x20, 0x7F...: words += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        default: words.unicodeScalars.append(Unicode.Scalar(byte))
        }
    }
    return bytes.dropFirst(limit).contains { _ in true } ? words + "…" : words
}
