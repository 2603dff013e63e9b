internal import Foundation
internal import Synchronization

/// A web server of the loopback address, over plain HTTP, that answers as a test says: well, wrongly, slowly or not at
/// all. One request for each connection.
public final class ScriptedHTTPServer: Sendable {
    public struct Request: Sendable, Hashable {
        public let path: String
        public let body: [UInt8]
    }

    public enum Reply: Sendable {
        case answer(status: Int, body: [UInt8])
        /// A head that promises a gigabyte, then a byte now and then, until the client goes.
        case drip
        /// Nothing, until the client goes.
        case silence
    }

    public let port: Int
    private let descriptor: Int32
    private let reply: @Sendable (Request) -> Reply
    private let seen = Mutex<(requests: [Request], open: Int, mostOpen: Int)>(([], 0, 0))

    public init(_ reply: @escaping @Sendable (Request) -> Reply) throws {
        guard let (descriptor, port) = ScriptedFTPSocket.listening(isIPv6: false) else {
            throw ServerProcess.Fault("No port is free.")
        }
        self.descriptor = descriptor
        self.port = port
        self.reply = reply
        Thread.detachNewThread { [weak self] in
            while case let peer = accept(descriptor, nil, nil), peer >= 0 {
                guard let self else {
                    close(peer)
                    break
                }
                Thread.detachNewThread { self.serve(peer) }
            }
            close(descriptor)
        }
    }

    deinit { stop() }

    /// Takes no more connections.
    public func stop() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    public var url: String { "http://127.0.0.1:\(port)/" }

    /// In the order in which they were whole.
    public var requests: [Request] { seen.withLock { $0.requests } }

    /// How many requests were being answered at the same time, at the most.
    public var mostAtOnce: Int { seen.withLock { $0.mostOpen } }

    private func serve(_ peer: Int32) {
        defer { close(peer) }
        guard let request = ScriptedHTTPServer.request(from: peer) else { return }
        seen.withLock { seen in
            seen.requests.append(request)
            seen.open += 1
            seen.mostOpen = max(seen.mostOpen, seen.open)
        }
        let reply = reply(request)
        // Before the answer, as the client may come again the moment it has it.
        seen.withLock { $0.open -= 1 }
        switch reply {
        case .answer(let status, let body):
            let head =
                "HTTP/1.1 \(status) Scripted\r\nContent-Length: \(body.count)\r\nConnection: close\r\n\r\n"
            _ = ScriptedFTPSocket.send(Array(head.utf8) + body, to: peer)
            shutdown(peer, Int32(SHUT_WR))
        case .drip:
            let head = "HTTP/1.1 200 Scripted\r\nContent-Length: 1000000000\r\n\r\n"
            guard ScriptedFTPSocket.send(Array(head.utf8), to: peer) else { return }
            while ScriptedFTPSocket.send([0x30], to: peer) { usleep(20_000) }
        case .silence: break
        }
        ScriptedFTPSocket.awaitEnd(of: peer)
    }

    private static func request(from peer: Int32) -> Request? {
        var bytes: [UInt8] = []
        while true {
            let more = ScriptedFTPSocket.receive(from: peer)
            guard !more.isEmpty else { return nil }
            bytes += more
            guard let end = Data(bytes).range(of: Data("\r\n\r\n".utf8)) else { continue }
            let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(
                separatedBy: "\r\n")
            let words = lines[0].split(separator: " ")
            let length = lines.first { $0.lowercased().hasPrefix("content-length:") }
                .flatMap { Int($0.dropFirst("content-length:".count).trimmingCharacters(in: .whitespaces)) }
            let body = bytes[end.upperBound...]
            if words.count > 1, body.count >= length ?? 0 {
                return Request(path: String(words[1]), body: Array(body))
            }
        }
    }
}
