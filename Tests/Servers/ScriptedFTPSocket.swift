internal import Glibc

/// Blocking sockets of the loopback address.
enum ScriptedFTPSocket {
    /// At a free port of `127.0.0.1`, or of `::1`.
    static func listening(isIPv6: Bool) -> (descriptor: Int32, port: Int)? {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(isIPv6 ? AF_INET6 : AF_INET, kind, 0)
        var address = sockaddr_in6()
        var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let port = withUnsafeMutableBytes(of: &address) { bytes -> UInt16? in
            guard let start = bytes.baseAddress else { return nil }
            if isIPv6 {
                start.storeBytes(of: sa_family_t(AF_INET6), as: sa_family_t.self)
                bytes[23] = 1
            } else {
                start.storeBytes(of: sa_family_t(AF_INET), as: sa_family_t.self)
                bytes[4] = 127
                bytes[7] = 1
                length = socklen_t(MemoryLayout<sockaddr_in>.size)
            }
            let pointer = start.assumingMemoryBound(to: sockaddr.self)
            guard bind(descriptor, pointer, length) == 0, listen(descriptor, 16) == 0,
                getsockname(descriptor, pointer, &length) == 0
            else { return nil }
            return UInt16(bytes[2]) << 8 | UInt16(bytes[3])
        }
        if port == nil { close(descriptor) }
        return port.map { (descriptor, Int($0)) }
    }

    /// False when the peer takes no more.
    static func send(_ bytes: some Collection<UInt8>, to descriptor: Int32) -> Bool {
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// Empty at the end.
    static func receive(from descriptor: Int32) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return Array(buffer.prefix(max(0, count)))
    }

    /// Returns when the peer has closed, or `shutdown` has.
    static func awaitEnd(of descriptor: Int32) {
        while !receive(from: descriptor).isEmpty {}
    }
}
