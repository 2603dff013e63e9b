internal import Foundation

/// The daemon's socket for its operator, `spool/run/orders`: whoever may write in the spool may connect. One line of
/// JSON goes in, one comes back.
struct OrderSocket: Sendable {
    /// An error of the system on this socket.
    struct Fault: Error, CustomStringConvertible {
        let description: String
        init(_ action: String, _ code: Int32 = errno) {
            description = "the daemon's socket: \(action): \(String(cString: strerror(code)))"
        }
    }

    /// Bytes of a line, more than any order has.
    static let longestLine = 4096

    private let directory: String
    private static let name = "orders"

    init(spoolRoot: String) {
        directory = spoolRoot + "/run"
    }

    /// Listens at the place of what an earlier daemon left; its caller owns the spool, and closes the descriptor.
    func listen() throws(Fault) -> Int32 {
        try at { address, length throws(Fault) in
            unlink(directory + "/" + OrderSocket.name)
            let socket = try OrderSocket.make()
            // Nobody can connect before `listen`, so none slips in between.
            guard bind(socket, address, length) == 0, chmod(directory + "/" + OrderSocket.name, 0o600) == 0,
                Foundation.listen(socket, 8) == 0
            else {
                let fault = Fault("listen")
                close(socket)
                throw fault
            }
            return socket
        }
    }

    func remove() {
        unlink(directory + "/" + OrderSocket.name)
    }

    /// - Returns: a connected socket, which its caller closes; nil when nobody listens.
    func connect() throws(Fault) -> Int32? {
        try at { address, length throws(Fault) in
            let socket = try OrderSocket.make()
            if Foundation.connect(socket, address, length) == 0 { return socket }
            let code = errno
            close(socket)
            guard code == ENOENT || code == ECONNREFUSED else { throw Fault("connect", code) }
            return nil
        }
    }

    private static func make() throws(Fault) -> Int32 {
        let made = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard made >= 0 else { throw Fault("socket") }
        return made
    }

    /// Names the socket through the open directory: the address of a socket has 107 bytes, and a spool may lie deeper.
    private func at<Value>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) throws(Fault) -> Value
    ) throws(Fault) -> Value {
        let folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw Fault("open its directory") }
        defer { close(folder) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = Array("/proc/self/fd/\(folder)/\(OrderSocket.name)".utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        return try withUnsafePointer(to: &address) { pointer throws(Fault) in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address throws(Fault) in
                try body(address, length)
            }
        }
    }
}

extension OrderSocket {
    /// How long either side waits for the other's bytes.
    static func limitWaiting(_ socket: Int32, to seconds: Int) {
        var time = timeval(tv_sec: seconds, tv_usec: 0)
        let length = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &time, length)
        setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &time, length)
    }

    static func write(_ value: some Encodable, to socket: Int32) throws {
        var line = try JSONEncoder().encode(value)
        line.append(UInt8(ascii: "\n"))
        var rest = line[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes {
                send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard sent > 0 else { throw Fault("write") }
            rest = rest.dropFirst(sent)
        }
    }

    static func read<Value: Decodable>(_ type: Value.Type, from socket: Int32) throws -> Value {
        var line = Data()
        var piece = [UInt8](repeating: 0, count: longestLine)
        while line.last != UInt8(ascii: "\n") {
            let count = recv(socket, &piece, longestLine - line.count, 0)
            guard count > 0 else { throw Fault("read", count == 0 ? EPIPE : errno) }
            line.append(contentsOf: piece.prefix(count))
        }
        return try JSONDecoder().decode(type, from: line)
    }
}
