internal import Exchange

/// The client id of a sender's programs: words in small letters, its number, and at choice one word more, such as
/// `ecluse_006400` or `self_service_chaman_006400_x7` (domain section 4).
struct ClientID: Sendable, Hashable, CustomStringConvertible {
    let description: String
    let sender: SenderNumber

    /// Nil unless `text` is `^[a-z_]+_(\d{6})(_[A-Za-z0-9]+)?$` with the number of a sender, of 100 bytes at most.
    init?(_ text: String) {
        guard text.utf8.count <= 100, let match = text.wholeMatch(of: /[a-z_]+_([0-9]{6})(_[A-Za-z0-9]+)?/),
            let sender = SenderNumber(match.output.1)
        else { return nil }
        description = text
        self.sender = sender
    }
}
