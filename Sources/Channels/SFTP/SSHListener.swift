internal import CLibSSH
internal import Foundation

/// A listening TCP socket, closed when its owner goes.
struct SSHListener: ~Copyable {
    let descriptor: Int32
    let host: String
    let port: Int

    private init(owning descriptor: Int32, host: String, port: Int) {
        self.descriptor = descriptor
        self.host = host
        self.port = port
    }

    deinit { close(descriptor) }

    /// Listens on the first address of `host` that can be bound.
    static func open(host: String, port: Int) throws(SFTPServerFault) -> SSHListener {
        var hints = addrinfo()
        hints.ai_socktype = ecluse_stream_type()
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &list)
        guard code == 0 else {
            throw .listening(host: host, port: port, reason: String(cString: gai_strerror(code)))
        }
        defer { freeaddrinfo(list) }
        var reason = "no address"
        var next = list
        while let address = next?.pointee {
            next = address.ai_next
            let descriptor = ecluse_stream_socket(address.ai_family)
            guard descriptor >= 0 else {
                reason = systemReason()
                continue
            }
            var on: Int32 = 1
            setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
            guard bind(descriptor, address.ai_addr, address.ai_addrlen) == 0, listen(descriptor, 1024) == 0,
                let name = boundName(descriptor)
            else {
                reason = systemReason()
                close(descriptor)
                continue
            }
            return SSHListener(owning: descriptor, host: name.host, port: name.port)
        }
        throw .listening(host: host, port: port, reason: reason)
    }

    private static func boundName(_ descriptor: Int32) -> (host: String, port: Int)? {
        SSHListener.name(of: descriptor, getsockname)
    }

    /// The numeric address and port of this end (`getsockname`) or the other (`getpeername`) of a socket.
    static func name(
        of descriptor: Int32,
        _ query: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> (host: String, port: Int)? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        var service = [CChar](repeating: 0, count: 32)
        let code = withUnsafeMutableBytes(of: &storage) { bytes -> Int32 in
            guard let address = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self),
                query(descriptor, address, &length) == 0
            else { return -1 }
            return getnameinfo(
                address, length, &host, socklen_t(host.count), &service, socklen_t(service.count),
                NI_NUMERICHOST | NI_NUMERICSERV)
        }
        guard code == 0, let port = Int(text(service)) else { return nil }
        return (text(host), port)
    }

    private static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

/// The system's words for `errno`.
func systemReason() -> String {
    String(cString: strerror(errno))
}
