import Foundation
import TestServers
import Testing

@testable import Channels

/// OpenSSH's server with one key let in, and our client to it.
final class SFTPStand: Sendable {
    let server: OpenSSHServer
    let directory: TemporaryDirectory

    init(_ adjust: (inout OpenSSHServer.Options) throws -> Void = { _ in }) throws {
        var options = OpenSSHServer.Options()
        try adjust(&options)
        directory = try TemporaryDirectory()
        server = try OpenSSHServer(options)
        try OpenSSHServer.makeKey(directory.file("user"), kind: "ed25519")
        try server.authorise(directory.file("user.pub"))
    }

    func client(_ adjust: (inout SFTPFileServer.Settings) -> Void = { _ in }) -> SFTPFileServer {
        var settings = SFTPFileServer.Settings(
            host: "127.0.0.1", hostKeys: .knownHosts(path: server.knownHosts))
        settings.port = server.port
        settings.connectTimeout = .seconds(120)
        settings.stallTimeout = .seconds(120)
        adjust(&settings)
        return SFTPFileServer(settings)
    }

    func logIn(key: String = "user", passphrase: String? = nil) -> RemoteLogIn {
        RemoteLogIn(
            user: server.user,
            proof: .keyFile(path: directory.file(key), passphrase: passphrase.map { Secret($0) }))
    }

    func connect(_ adjust: (inout SFTPFileServer.Settings) -> Void = { _ in }) throws -> SFTPFiles {
        try #require(try client(adjust).connect(as: logIn()) as? SFTPFiles)
    }

    /// What the server has under a name.
    func bytes(_ name: String) -> [UInt8]? {
        (try? Data(contentsOf: URL(fileURLWithPath: server.home + "/" + name))).map(Array.init)
    }

    func put(_ bytes: [UInt8], _ name: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: server.home + "/" + name))
    }
}

func path(_ text: String) throws -> RemotePath { try #require(RemotePath(text)) }

/// What a call throws; nil when it does not.
func fault(_ call: () throws(RemoteFault) -> Void) -> RemoteFault? {
    do throws(RemoteFault) {
        try call()
        return nil
    } catch {
        return error
    }
}

extension RemoteFiles {
    func readAll(_ path: RemotePath, from offset: UInt64 = 0) throws(RemoteFault) -> [UInt8] {
        var bytes: [UInt8] = []
        try read(path, from: offset) { bytes.append(contentsOf: $0) }
        return bytes
    }

    func write(_ path: RemotePath, _ bytes: [UInt8], from offset: UInt64 = 0) throws(RemoteFault) {
        let upload = RemoteUpload(path, bytes: bytes)
        try write(path, from: offset, upload.give)
    }
}
