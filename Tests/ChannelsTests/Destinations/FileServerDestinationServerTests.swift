import Channels
import Exchange
import Foundation
import TestServers
import Testing

/// Deliveries to real file servers.
@Suite struct FileServerDestinationServerTests {
    enum Kind: String, CaseIterable {
        case openSSH, proFTPD, vsftpd, pureFTPD

        var isAvailable: Bool {
            switch self {
            case .openSSH: OpenSSHServer.isInstalled
            case .proFTPD: ProFTPDServer.isAvailable
            case .vsftpd: VsftpdServer.isAvailable
            case .pureFTPD: PureFTPDServer.isAvailable
            }
        }
    }

    /// A server with an empty directory `drop`, and a destination there.
    private struct Stand {
        let directory: TemporaryDirectory
        /// The running server; held so that it does not end.
        let server: AnyObject
        let destination: FileServerDestination

        init(_ kind: Kind) throws {
            directory = try TemporaryDirectory()
            // Servers do not work as root: their user must get in here.
            chmod(directory.path, 0o755)
            let home = directory.file("home")
            try FileManager.default.createDirectory(atPath: home + "/drop", withIntermediateDirectories: true)
            let remote: any RemoteServer
            let logIn: RemoteLogIn
            if kind == .openSSH {
                (server, remote, logIn) = try Stand.openSSH(directory, home: home)
            } else {
                (server, remote, logIn) = try Stand.ftp(kind, home: home)
            }
            destination = FileServerDestination(
                server: remote, as: logIn, path: try #require(RemotePath("drop")))
        }

        private static func openSSH(
            _ directory: TemporaryDirectory, home: String
        ) throws -> (AnyObject, any RemoteServer, RemoteLogIn) {
            let server = try OpenSSHServer(home: home)
            try OpenSSHServer.makeKey(directory.file("key"), kind: "ed25519")
            try server.authorise(directory.file("key.pub"))
            var settings = SFTPFileServer.Settings(
                host: "127.0.0.1", hostKeys: .knownHosts(path: server.knownHosts))
            settings.port = server.port
            settings.connectTimeout = .seconds(60)
            settings.stallTimeout = .seconds(60)
            let proof = RemoteLogIn.Proof.keyFile(path: directory.file("key"), passphrase: nil)
            return (server, SFTPFileServer(settings), RemoteLogIn(user: server.user, proof: proof))
        }

        private static func ftp(_ kind: Kind, home: String) throws -> (
            AnyObject, any RemoteServer, RemoteLogIn
        ) {
            let users = [try FTPServerAccount(name: "ecluse", password: "Correct-Horse-9", home: home)]
            let server: any FTPServerFixture =
                switch kind {
                case .vsftpd: try VsftpdServer(users: users, security: .explicit)
                case .pureFTPD: try PureFTPDServer(users: users, security: .explicit)
                default: try ProFTPDServer(users: users, security: .explicit)
                }
            var settings = FTPFileServer.Settings(
                host: "localhost", port: server.port,
                security: .explicit(CurlTrust(authoritiesFile: server.certificatePath)))
            settings.connectTimeout = .seconds(60)
            settings.stallTimeout = .seconds(60)
            let logIn = RemoteLogIn(user: "ecluse", proof: .password(Secret("Correct-Horse-9")))
            return (server, FTPFileServer(settings), logIn)
        }

        /// The names below `drop`, sorted.
        func names(_ path: String = "") throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: directory.file("home/drop/") + path).sorted()
        }

        func content(_ path: String) throws -> [UInt8] {
            try directory.read("home/drop/" + path)
        }

        func take(_ ticket: Ticket) throws {
            try FileManager.default.removeItem(atPath: directory.file("home/drop/\(ticket)"))
        }
    }

    @Test(arguments: Kind.allCases.filter(\.isAvailable))
    func `a set arrives whole and once`(_ kind: Kind) throws {
        let stand = try Stand(kind)
        let bench = try DeliveryBench(files: 3, bytes: 200_000)
        let name = bench.ticket.description
        try stand.destination.deliver(bench.delivery())
        #expect(try stand.names(name) == bench.contents.keys.sorted() + ["manifest.json"])
        for (file, content) in bench.contents { #expect(try stand.content("\(name)/\(file)") == content) }
        #expect(try stand.content("\(name)/manifest.json") == DeliveryBench.manifest)
        #expect(try stand.names() == [name, "delivering"])
        #expect(try stand.names("delivering") == [name])

        try stand.destination.deliver(bench.delivery())
        try stand.take(bench.ticket)
        try stand.destination.deliver(bench.delivery())
        #expect(try stand.names() == ["delivering"])
        stand.destination.confirm([bench.ticket])
        stand.destination.confirm([bench.ticket])
        #expect(try stand.names("delivering") == [])

        let next = try DeliveryBench(35, files: 1)
        try stand.destination.deliver(next.delivery())
        #expect(try stand.names() == [next.ticket.description, "delivering"])
    }

    @Test(arguments: Kind.allCases.filter(\.isAvailable))
    func `a set half placed before a crash is placed whole`(_ kind: Kind) throws {
        let stand = try Stand(kind)
        let bench = try DeliveryBench()
        let held = try #require(try bench.delivery().files.last).path
        try FileManager.default.moveItem(atPath: held, toPath: held + "-away")
        #expect(throws: Deferral.self) { try stand.destination.deliver(bench.delivery()) }
        #expect(try !stand.names(bench.ticket.description).contains("manifest.json"))
        try FileManager.default.moveItem(atPath: held + "-away", toPath: held)
        try stand.destination.deliver(bench.delivery())
        #expect(try stand.names(bench.ticket.description) == bench.contents.keys.sorted() + ["manifest.json"])
    }

    @Test(.enabled(if: OpenSSHServer.isInstalled))
    func `a server that closed the kept connections is called again`() throws {
        let stand = try Stand(.openSSH)
        let server = try #require(stand.server as? OpenSSHServer)
        let first = try DeliveryBench(1)
        try stand.destination.deliver(first.delivery())
        server.breakConnections()
        let bench = try DeliveryBench(2)
        try stand.destination.deliver(bench.delivery())
        #expect(try stand.names().contains(bench.ticket.description))
    }
}
