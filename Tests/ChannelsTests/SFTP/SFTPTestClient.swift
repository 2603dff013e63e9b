import Foundation
import Testing

@testable import Channels

/// Speaks SFTP packet by packet to a running server, over `ssh -s`.
final class SFTPTestClient {
    private let program: ChildProgram

    init(_ bench: SFTPBench, user: String = SFTPBench.user, key: String = "user") throws {
        program = try ChildProgram(
            "/usr/bin/ssh",
            bench.options(key: key) + ["-p", "\(bench.port)", "-s", "\(user)@127.0.0.1", "sftp"])
    }

    /// Logs in and exchanges versions.
    static func connected(
        _ bench: SFTPBench, user: String = SFTPBench.user, key: String = "user"
    ) throws -> SFTPTestClient {
        let client = try SFTPTestClient(bench, user: user, key: key)
        client.send(.initialise)
        guard case .version(3, _)? = client.receive() else { throw Refused() }
        return client
    }

    struct Refused: Error {}

    func send(_ packets: SFTPTestPacket...) {
        program.write(packets.flatMap(\.framed))
    }

    func sendRaw(_ bytes: [UInt8]) {
        program.write(bytes)
    }

    /// The next reply; nil at the end of the connection.
    func receive() -> SFTPTestReply? {
        guard let head = program.read(4) else { return nil }
        return program.read(head.reduce(0) { $0 << 8 | Int($1) }).map(SFTPTestReply.init)
    }

    func ask(_ packet: SFTPTestPacket) -> SFTPTestReply? {
        send(packet)
        return receive()
    }

    /// Sends bytes again and again, on a thread of its own, as fast as they are taken; calls `note` with their number each
    /// time.
    func stream(_ bytes: [UInt8], times: Int, note: @escaping @Sendable (Int) -> Void) {
        nonisolated(unsafe) let program = program
        Thread.detachNewThread {
            for _ in 1...times {
                program.write(bytes)
                note(bytes.count)
            }
        }
    }

    /// Asks nothing more; answers may still come.
    func closeInput() { program.closeInput() }

    /// Ends the session as a client does that has nothing more to ask, and returns when the server has let it go.
    func finish() {
        closeInput()
        waitForEnd()
    }

    /// Breaks the connection without a word.
    func kill() { program.stop() }

    /// Waits until the server has ended the connection.
    func waitForEnd() {
        while receive() != nil {}
        program.wait()
    }
}

/// A TCP connection that says nothing, or what it is told.
final class RawConnection {
    struct Refused: Error {}

    let descriptor: Int32

    init(port: Int) throws {
        let new = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(new, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        descriptor = new
        guard code == 0 else { throw Refused() }
    }

    deinit { close(descriptor) }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Foundation.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// What comes first.
    func readOnce() -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return Array(buffer.prefix(max(0, count)))
    }

    /// All that comes until the other side closes.
    func readToEnd() -> [UInt8] {
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let count = recv(descriptor, &buffer, buffer.count, 0), count > 0 {
            all += buffer.prefix(count)
        }
        return all
    }
}

/// Waits for something that happens on other threads; false when it has not happened after `seconds`.
func eventually(within seconds: TimeInterval = 20, _ isTrue: () throws -> Bool) rethrows -> Bool {
    let end = Date(timeIntervalSinceNow: seconds)
    while Date() < end {
        if try isTrue() { return true }
        Thread.sleep(forTimeInterval: 0.02)
    }
    return try isTrue()
}
