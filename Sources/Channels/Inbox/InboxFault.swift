internal import Exchange

/// Why something was not done in a look at an account.
enum InboxFault: Error {
    /// No connection, or no log-in.
    case connecting(RemoteFault)
    /// The connection ended.
    case broken(RemoteFault)
    /// The server did not do this one thing.
    case refused(RemoteFault)
    /// The spool did not.
    case spool(HomeFault)
    /// What the server gave is not what its listing told.
    case unfit(String)

    /// True when the look ends with it; otherwise only the set in hand is put off.
    var endsLook: Bool {
        switch self {
        case .connecting, .broken, .spool(.outOfSpace), .spool(.failed): true
        case .refused, .unfit, .spool: false
        }
    }

    /// For the log and the operator.
    var sentence: String {
        switch self {
        case .connecting(let fault), .broken(let fault), .refused(let fault): fault.sentence
        case .spool(let fault): "The spool does not take it: \(fault)"
        case .unfit(let sentence): sentence
        }
    }

    /// Does one thing at the spool.
    static func ofSpool<Value>(_ body: () throws(HomeFault) -> Value) throws(InboxFault) -> Value {
        do throws(HomeFault) {
            return try body()
        } catch {
            throw .spool(error)
        }
    }
}
