/// What an HTTPS server answered.
public struct HTTPSResponse: Sendable {
    public let status: Int
    /// By name in lower case; of several of one name the last. At most 64 KiB altogether.
    public let headers: [String: String]
    /// The bytes that were not handed to a sink.
    public let body: [UInt8]

    public init(status: Int, headers: [String: String], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    public var isSuccess: Bool { (200..<300).contains(status) }
}
