internal import Foundation
internal import Glibc

/// A tiny FTP server, without TLS, that does wrong what a script says. Everybody may log in. Threads of its own serve
/// a connection each.
///
/// `@unchecked Sendable`: everything that changes is behind the lock.
public final class ScriptedFTPServer: @unchecked Sendable {
    public let port: Int
    let script: ScriptedFTPScript
    private let listener: Int32
    private let lock = NSLock()
    private var sockets: Set<Int32> = []
    private var isOver = false
    private var contents: [String: [UInt8]]
    private var heard: [String] = []
    private var connectionCount = 0
    private var spoils = false

    public init(_ script: ScriptedFTPScript) throws {
        self.script = script
        contents = script.files
        guard let (descriptor, port) = ScriptedFTPSocket.listening(isIPv6: script.isIPv6) else {
            throw ServerProcess.Fault("No port for a scripted server.")
        }
        listener = descriptor
        self.port = port
        sockets = [descriptor]
        Thread.detachNewThread { [weak self] in
            while true {
                let peer = accept(descriptor, nil, nil)
                guard peer >= 0, let self, self.own(peer) else { break }
                self.lock.withLock { self.connectionCount += 1 }
                Thread.detachNewThread {
                    ScriptedFTPSession(peer, of: self).serve()
                    self.disown(peer)
                }
            }
            if let self { self.disown(descriptor) } else { close(descriptor) }
        }
    }

    deinit { stop() }

    /// The files as they are now.
    public var files: [String: [UInt8]] { lock.withLock { contents } }

    /// Every command line so far, of all connections.
    public var commands: [String] { lock.withLock { heard } }

    public var connections: Int { lock.withLock { connectionCount } }

    /// From now on a listing of MLSD has a line that nobody can read.
    public func spoilListings() { lock.withLock { spoils = true } }

    var spoilsListings: Bool { lock.withLock { spoils } }

    /// Closes everything. Harmless when repeated.
    public func stop() {
        lock.withLock {
            isOver = true
            for socket in sockets { shutdown(socket, Int32(SHUT_RDWR)) }
        }
    }

    /// Takes care of a socket until `disown`; false, and it is closed, when the server is over.
    func own(_ socket: Int32) -> Bool {
        lock.withLock {
            if isOver { close(socket) } else { sockets.insert(socket) }
            return !isOver
        }
    }

    func disown(_ socket: Int32) {
        lock.withLock {
            sockets.remove(socket)
            close(socket)
        }
    }

    func note(_ command: String) {
        lock.withLock { heard.append(command) }
    }

    func change(_ work: (inout [String: [UInt8]]) -> Void) {
        lock.withLock { work(&contents) }
    }
}
