internal import Channels
internal import Exchange

/// An answer at a server that can be fetched.
struct OfferedAnswer: Sendable, Hashable {
    let trigger: AnswerName
    let mailbox: Mailbox
    /// In their order; at least one.
    let parts: [AnswerPart]
    /// The server waits to be told that the answer is durable on this side.
    var awaitsWord = false

    /// The documents and their signatures.
    var files: [AnswerName] { parts.flatMap(\.files) }
}

/// Where answers are fetched from. One thread's.
protocol AnswerSource: AnyObject {
    /// The complete ones, in the order of their publication.
    func offered() throws(RemoteFault) -> [OfferedAnswer]

    /// Hands the bytes of a document or a signature to `take`, from the beginning. May begin again with `restart`
    /// when the connection breaks.
    func read(
        _ file: AnswerName, of answer: OfferedAnswer, restart: () throws -> Void,
        take: (UnsafeRawBufferPointer) throws -> Void
    ) throws(RemoteFault)

    /// The very bytes of the answer are durable on this side: tells the server, and removes it there when `isRemoving`.
    func settle(_ answer: OfferedAnswer, isRemoving: Bool) throws(RemoteFault)

    /// Removes what an interrupted removal left of answers this side has whole.
    ///
    /// - Parameter isHere: whether this side has the very bytes of a file there.
    func sweep(
        _ isHere: (AnswerName, OfferedAnswer) throws(RemoteFault) -> Bool
    ) throws(RemoteFault)
}
