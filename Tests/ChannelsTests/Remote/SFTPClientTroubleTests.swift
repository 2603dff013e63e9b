import Foundation
import Synchronization
import TestServers
import Testing

@testable import Channels

@Suite(.enabled(if: OpenSSHServer.isInstalled))
struct SFTPClientTroubleTests {
    private static func open(_ port: Int, _ adjust: (inout SFTPFileServer.Settings) -> Void) -> RemoteFault? {
        var settings = SFTPFileServer.Settings(host: "127.0.0.1", hostKeys: .fingerprints([]))
        settings.port = port
        adjust(&settings)
        let client = SFTPFileServer(settings)
        return fault { () throws(RemoteFault) in
            try client.connect(as: RemoteLogIn(user: "x", proof: .agent)).close()
        }
    }

    @Test func `nobody at the port is unreachable`() {
        #expect(Self.open(freePort()) { _ in }?.kind == .unreachable)
    }

    @Test func `a name that leads nowhere is unreachable`() {
        let found = Self.open(22) { $0.host = "nowhere.invalid" }
        #expect(found?.kind == .unreachable)
        #expect(found?.sentence.hasPrefix("nowhere.invalid: ") == true)
    }

    @Test func `a listener that says nothing is given its time`() throws {
        let listener = try MuteListener()
        let found = Self.open(listener.port) { $0.connectTimeout = .seconds(3) }
        #expect(found?.kind == .timedOut)
    }

    @Test func `a listener that speaks something else is no server`() throws {
        let listener = try MuteListener(
            saying: "220 ftp.example ready\r\n" + String(repeating: "x", count: 9_000))
        #expect(Self.open(listener.port) { _ in }?.kind == .unreachable)
    }

    @Test func `a server that falls silent is given its time`() throws {
        let stand = try SFTPStand()
        let files = try stand.connect { $0.stallTimeout = .seconds(10) }
        try files.write(path("f"), [1])
        stand.server.freezeConnections()
        let place = try path("f")
        #expect(fault { () throws(RemoteFault) in _ = try files.size(of: place) }?.kind == .timedOut)
        // It stays so.
        #expect(fault { () throws(RemoteFault) in try files.write(place, pattern(9)) }?.kind == .timedOut)
    }

    @Test(.timeLimit(.minutes(5))) func `a server that falls silent is not waited for by who must go`() throws
    {
        let stand = try SFTPStand()
        let isOver = Mutex(false)
        let client = stand.client { $0.stallTimeout = .seconds(86_400) }
        let files = try client.connect(as: stand.logIn(), until: { isOver.withLock { $0 } })
        try files.write(path("f"), [1])
        stand.server.freezeConnections()
        isOver.withLock { $0 = true }
        let place = try path("f")
        #expect(fault { () throws(RemoteFault) in _ = try files.size(of: place) }?.kind == .stopped)
    }

    @Test func `a server that takes nothing more is given its time`() throws {
        let stand = try SFTPStand()
        let files = try stand.connect { $0.stallTimeout = .seconds(10) }
        stand.server.freezeConnections()
        let place = try path("f")
        let endless = fault { () throws(RemoteFault) in
            try files.write(place, from: 0) { $0.count }
        }
        #expect(endless?.kind == .timedOut)
    }

    @Test func `a connection that ends in the middle is broken off`() throws {
        let stand = try SFTPStand()
        let files = try stand.connect()
        let place = try path("f")
        var given = 0
        let found = fault { () throws(RemoteFault) in
            try files.write(place, from: 0) { buffer in
                given += buffer.count
                if given > 10_000_000 { stand.server.breakConnections() }
                return buffer.count
            }
        }
        #expect(found?.kind == .brokenOff)
        #expect(fault { () throws(RemoteFault) in _ = try files.list(place) }?.breaksConnection == true)
        files.close()
        files.close()
        #expect(try stand.connect().list(path(".")).count == 1)
    }

    @Test func `an account without SFTP is said`() throws {
        let stand = try SFTPStand { $0.more = ["Match all", "ForceCommand echo no entry"] }
        let found = fault { () throws(RemoteFault) in
            try stand.client().connect(as: stand.logIn()).close()
        }
        #expect([.garbled, .brokenOff].contains(found?.kind))
    }

    @Test func `a closed connection is closed`() throws {
        let stand = try SFTPStand()
        let files = try stand.connect()
        files.close()
        let place = try path("f")
        #expect(fault { () throws(RemoteFault) in _ = try files.size(of: place) }?.kind == .brokenOff)
        #expect(eventually(within: 120) { stand.server.log.contains("Close session") })
    }
}

/// Accepts connections of the loopback address, says one thing or nothing, and leaves them open.
private final class MuteListener: Sendable {
    let port: Int
    private let listener: Int32

    init(saying text: String = "") throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 16) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        try #require(isListening)
        listener = descriptor
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread {
            while case let caller = accept(descriptor, nil, nil), caller >= 0 {
                _ = Foundation.send(caller, text, text.utf8.count, Int32(MSG_NOSIGNAL))
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }
}
