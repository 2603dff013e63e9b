internal import CLibSSH
internal import Foundation

/// Opens TCP connections.
enum SSHDial {
    /// A connected, non-blocking socket to the first address of `host` that answers; an address that is silent may
    /// take its share of the time only. The caller owns the descriptor.
    static func connect(
        host: String, port: Int, before deadline: ContinuousClock.Instant, until isAbandoned: () -> Bool
    ) throws(RemoteFault) -> Int32 {
        var hints = addrinfo()
        hints.ai_socktype = ecluse_stream_type()
        hints.ai_flags = AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &list)
        guard code == 0 else {
            throw RemoteFault(.unreachable, "\(host): \(String(cString: gai_strerror(code)))")
        }
        defer { freeaddrinfo(list) }
        let addresses = Array(sequence(first: list?.pointee) { $0?.ai_next?.pointee }.compactMap { $0 })
        var fault = RemoteFault(.unreachable, "\(host) has no address")
        for (tried, address) in addresses.enumerated() {
            let now = ContinuousClock.now
            let end = now + (deadline - now) / (addresses.count - tried)
            do throws(RemoteFault) {
                return try connect(address, "\(host) port \(port)", before: end, until: isAbandoned)
            } catch {
                guard error.kind != .stopped else { throw error }
                fault = error
            }
        }
        throw fault
    }

    private static func connect(
        _ address: addrinfo, _ name: String, before deadline: ContinuousClock.Instant,
        until isAbandoned: () -> Bool
    ) throws(RemoteFault) -> Int32 {
        let descriptor = ecluse_stream_socket(address.ai_family)
        // libssh keeps sixteen bits of a descriptor.
        guard descriptor >= 0, descriptor <= 0xFFFF else {
            let reason = descriptor < 0 ? systemReason() : "too many open files"
            if descriptor >= 0 { close(descriptor) }
            throw RemoteFault(.unreachable, "no socket: \(reason)")
        }
        do throws(RemoteFault) {
            var on: Int32 = 1
            setsockopt(
                descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
            let rc = Foundation.connect(descriptor, address.ai_addr, address.ai_addrlen)
            guard rc == 0 || errno == EINPROGRESS else {
                throw RemoteFault(.unreachable, "\(name): \(systemReason())")
            }
            try awaitConnection(of: descriptor, name, before: deadline, until: isAbandoned)
        } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }

    private static func awaitConnection(
        of descriptor: Int32, _ name: String, before deadline: ContinuousClock.Instant,
        until isAbandoned: () -> Bool
    ) throws(RemoteFault) {
        var polled = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        while poll(&polled, 1, min(milliseconds(until: deadline), 1_000)) <= 0 {
            guard !isAbandoned() else { throw RemoteFault(.stopped, "\(name): ended from our side") }
            guard ContinuousClock.now < deadline else {
                throw RemoteFault(.timedOut, "\(name): no answer to the connection")
            }
        }
        var reason: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &reason, &length)
        guard reason == 0 else {
            throw RemoteFault(.unreachable, "\(name): \(String(cString: strerror(reason)))")
        }
    }
}

/// For poll(2): rounded up, so that the deadline has passed when it returns; a minute at the most.
func milliseconds(until deadline: ContinuousClock.Instant) -> Int32 {
    let left = (deadline - ContinuousClock.now) / .milliseconds(1)
    return Int32(min(max(left.rounded(.up), 0), 60_000))
}
