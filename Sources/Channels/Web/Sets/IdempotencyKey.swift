internal import Exchange

/// What a client gave a request to be recognised by when it is repeated (`Idempotency-Key`,
/// draft-ietf-httpapi-idempotency-key-header). A key is of one sender: two may use the same.
struct IdempotencyKey: Hashable, Sendable {
    static let longest = 200

    let mark: HandoverMark

    /// Nil unless `text`, without the quotes the draft puts around it, is 1 to 200 printable characters of ASCII.
    init?(_ text: String, of sender: SenderNumber) {
        var key = text[...]
        if key.utf8.count >= 2, key.first == "\"", key.last == "\"" { key = key.dropFirst().dropLast() }
        guard (1...IdempotencyKey.longest).contains(key.utf8.count),
            key.utf8.allSatisfy({ $0 >= 0x21 && $0 <= 0x7E })
        else { return nil }
        mark = HandoverMark("web:\(sender):\(key)")
    }
}
