import Foundation
import TestServers
import Testing

@testable import Channels

/// A real FTP server, what of a session with it is under TLS, and a name for people.
struct FTPServerCase: Sendable, CustomTestStringConvertible {
    enum Program: String, CaseIterable {
        case proftpd
        case vsftpd
        case pureFTPd

        var isAvailable: Bool {
            switch self {
            case .proftpd: ProFTPDServer.isAvailable
            case .vsftpd: VsftpdServer.isAvailable
            case .pureFTPd: PureFTPDServer.isAvailable
            }
        }
    }

    let program: Program
    let security: FTPServerSecurity

    var testDescription: String { "\(program.rawValue), \(security.rawValue)" }

    /// Those that are on this machine.
    static let all = Program.allCases.filter(\.isAvailable).flatMap { program in
        FTPServerSecurity.allCases.filter { program != .pureFTPd || $0 != .implicit }
            .map { FTPServerCase(program: program, security: $0) }
    }
}

/// A running server with one user, `EXPacme`, and her home.
final class FTPBench {
    static let password = "a b:c?%€"

    let directory: TemporaryDirectory
    let server: any FTPServerFixture
    let security: FTPServerSecurity
    let home: String

    init(_ choice: FTPServerCase, extra: String = "") throws {
        directory = try TemporaryDirectory()
        security = choice.security
        home = directory.file("home")
        try FileManager.default.createDirectory(atPath: home + "/IN", withIntermediateDirectories: true)
        let user = try FTPServerAccount(name: "EXPacme", password: FTPBench.password, home: home)
        server =
            switch choice.program {
            case .proftpd: try ProFTPDServer(users: [user], security: security, extra: extra)
            case .vsftpd: try VsftpdServer(users: [user], security: security, extra: extra)
            case .pureFTPd: try PureFTPDServer(users: [user], security: security)
            }
    }

    deinit { server.stop() }

    var settings: FTPFileServer.Settings {
        let trust = CurlTrust(authoritiesFile: server.certificatePath)
        let security: FTPFileServer.Settings.Security =
            switch self.security {
            case .explicit: .explicit(trust)
            case .implicit: .implicit(trust)
            case .none: .plaintext
            }
        var settings = FTPFileServer.Settings(host: "127.0.0.1", port: server.port, security: security)
        settings.connectTimeout = .seconds(60)
        settings.stallTimeout = .seconds(60)
        return settings
    }

    func connect(
        _ settings: FTPFileServer.Settings? = nil, password: String = FTPBench.password
    ) throws -> any RemoteFiles {
        try FTPFileServer(settings ?? self.settings).connect(as: logIn(password))
    }

    func logIn(_ password: String = FTPBench.password) -> RemoteLogIn {
        RemoteLogIn(user: "EXPacme", proof: .password(Secret(password)))
    }

    /// A file of the user's, written by nobody but us.
    func put(_ bytes: [UInt8], _ name: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: home + "/" + name))
        FTPServerAccount.handOver(home)
    }

    func bytes(_ name: String) -> [UInt8]? {
        (try? Data(contentsOf: URL(fileURLWithPath: home + "/" + name))).map { Array($0) }
    }
}

extension RemoteFiles {
    func bytes(_ path: RemotePath, from offset: UInt64 = 0) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try read(path, from: offset) { bytes += $0 }
        return bytes
    }

    func write(_ bytes: [UInt8], _ path: RemotePath, from offset: UInt64 = 0) throws {
        var rest = bytes[...]
        try write(path, from: offset) { buffer in
            let piece = rest.prefix(buffer.count)
            buffer.copyBytes(from: piece)
            rest = rest.dropFirst(piece.count)
            return piece.count
        }
    }
}

/// The kind of the fault `work` ends with; nil when it ends well.
func faultKind(_ work: () throws -> Void) -> RemoteFault.Kind? {
    do {
        try work()
        return nil
    } catch {
        return (error as? RemoteFault)?.kind
    }
}

/// A path of a test, which is one.
func at(_ text: String) throws -> RemotePath {
    guard let path = RemotePath(text) else { throw CocoaError(.fileNoSuchFile) }
    return path
}
