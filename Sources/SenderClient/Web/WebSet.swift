/// A set as the service shows it: of its members, those that matter to its sender.
struct WebSet: Decodable, Sendable {
    let ticket: String
    /// The ticket of the first set, when this one repeats it.
    let repeats: String?
    let receipt: Receipt?

    struct Receipt: Decodable, Sendable {
        /// The stem of its files.
        let id: String
    }
}

/// A set that is sent file by file, as the service shows it.
struct WebUpload: Decodable, Sendable {
    let ticket: String
}
