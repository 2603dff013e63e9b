internal import HTTPTypes

/// How far the body of one request has come, and how far it may.
struct BodyReading {
    private enum Standing {
        /// No route has asked for it.
        case unasked
        case wanted(bytes: Int)
        /// The answer is out already; what still comes up to so many bytes is thrown away.
        case unwanted(bytes: Int)
    }

    /// True once all of the request is there; also when there is none.
    var isWhole: Bool
    /// The method is HEAD.
    let isHead: Bool
    var pace = BodyPace()
    private var standing = Standing.unasked
    private var wantsContinue: Bool

    /// Of a request whose head is there; nil stands for none.
    init(of head: HTTPRequest?) {
        isWhole = head == nil
        isHead = head?.method == .head
        wantsContinue = head?.headerFields[.expect]?.lowercased() == "100-continue"
    }

    /// A route takes so many bytes.
    ///
    /// - Returns: whether the peer waits to be told so (RFC 9110 section 10.1.1).
    mutating func want(_ bytes: Int) -> Bool {
        standing = .wanted(bytes: bytes)
        defer { wantsContinue = false }
        return wantsContinue && !isWhole && pace.bytes == 0
    }

    /// Nobody will ask for the rest; so many bytes more are taken, that the peer may come to read the answer.
    mutating func letGo(of bytes: Int) {
        standing = .unwanted(bytes: pace.bytes + bytes)
    }

    var isUnwanted: Bool {
        guard case .unwanted = standing else { return false }
        return true
    }

    /// More came than the route takes.
    var isTooLarge: Bool {
        guard case .wanted(let bytes) = standing else { return false }
        return pace.bytes > bytes
    }

    /// As much came as is taken for now: no more is to be read.
    var mustWait: Bool {
        switch standing {
        case .unasked: !isWhole && pace.bytes >= WebLimits.strangersBodyBytes
        case .wanted: false
        case .unwanted(let bytes): pace.bytes >= bytes
        }
    }
}
