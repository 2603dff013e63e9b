/// What is asked of an HTTPS server, without its body. Its description shows neither query nor headers, where secrets are.
public struct HTTPSRequest: Sendable, CustomStringConvertible {
    public let method: String
    public let url: String
    /// In the order sent. `Host`, `Content-Length` and `Expect` are the client's own.
    public let headers: [(name: String, value: String)]

    /// Nil unless the method is a word of capitals, the address begins with `https://` and has a host but no user, and
    /// nothing in address or headers could speak for us in the protocol: control characters, blanks in the address or in
    /// a header's name.
    public init?(_ method: String, _ url: String, headers: [(name: String, value: String)] = []) {
        let isWord = !method.isEmpty && method.utf8.allSatisfy { (0x41...0x5A).contains($0) }
        guard isWord, HTTPSRequest.isAddress(url), headers.allSatisfy(HTTPSRequest.isHeader) else {
            return nil
        }
        self.method = method
        self.url = url
        self.headers = headers
    }

    public var description: String { "\(method) \(url.prefix { $0 != "?" })" }

    /// Scheme, host and port, as shown to people and as connections are told apart.
    public var origin: String {
        "https://" + url.dropFirst("https://".count).prefix { $0 != "/" && $0 != "?" }
    }

    private static func isAddress(_ url: String) -> Bool {
        guard url.hasPrefix("https://"), url.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x5C })
        else {
            return false
        }
        let host = url.dropFirst("https://".count).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        return !host.isEmpty && !host.contains("@") && !url.contains("#")
    }

    private static func isHeader(name: String, value: String) -> Bool {
        let own = ["host", "content-length", "expect", "transfer-encoding"]
        return !name.isEmpty && !own.contains(name.lowercased())
            && name.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x3A && $0 != 0x3B }
            && !value.isEmpty && value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }
}
