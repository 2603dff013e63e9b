public import Validation

/// How sets are sent and their receipts waited for.
public struct SubmissionSettings: Sendable {
    /// Connections at once, 1 to 16.
    public var parallel = 4
    /// Seconds a receipt is waited for, from the GO of its set on; 0 waits for none.
    public var wait = 300.0
    /// Seconds without any progress after which a broken connection is not made again.
    public var patience = 120.0
    /// Whose signatures on receipts are believed.
    public var trust = ReceiptSignature.Trust.none
    /// Seconds from the time the server took a set, after which a receipt that was there before and accepts it is taken
    /// for the answer: a server that knows the set need not answer anew, but one that objects would have.
    var grace = 15.0
    var upload = UploadBounds()

    public init() {}
}
