internal import Channels
internal import Exchange

/// An answer at a server that can be fetched.
struct OfferedAnswer: Sendable, Hashable {
    let name: AnswerName
    let mailbox: Mailbox
    /// FO, or CO in its place.
    let document: AnswerName.Kind
    /// Bytes; of what the server tells.
    let sizes: [AnswerName.Kind: UInt64]
    /// The server waits to be told that the answer is durable on this side.
    var awaitsWord = false
}

/// Where answers are fetched from. One thread's.
protocol AnswerSource: AnyObject {
    /// The complete ones, in the order of their publication.
    func offered() throws(RemoteFault) -> [OfferedAnswer]

    /// Hands the bytes of the document or the signature to `take`, from the beginning. May begin again with `restart`
    /// when the connection breaks.
    func read(
        _ kind: AnswerName.Kind, of answer: OfferedAnswer, restart: () throws -> Void,
        take: (UnsafeRawBufferPointer) throws -> Void
    ) throws(RemoteFault)

    /// The very bytes of the answer are durable on this side: tells the server, and removes it there when `isRemoving`.
    func settle(_ answer: OfferedAnswer, isRemoving: Bool) throws(RemoteFault)

    /// Removes what an interrupted removal left of answers this side has whole.
    ///
    /// - Parameter isHere: whether this side has the very bytes of a file there.
    func sweep(
        _ isHere: (AnswerName.Kind, OfferedAnswer) throws(RemoteFault) -> Bool
    ) throws(RemoteFault)
}
