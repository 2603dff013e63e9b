public import Channels
internal import Foundation

/// How a sender gets in at a server, and how it knows that it is the right one. Everything is said here or not at all:
/// no configuration file of other programs is read.
public struct ServerAccess: Sendable {
    /// A file as `ssh-keyscan` writes it, for SFTP.
    public var knownHosts: String?
    /// `SHA256:…` fingerprints of host keys, in the place of a file.
    public var hostKeys: [String] = []
    /// The private key for SFTP; nil for the agent.
    public var identity: IdentityFile?
    /// A PEM file of the only authorities believed, for FTP and the web service; nil for those of the machine.
    public var authorities: String?
    /// Where the passphrase of the identity, or the password for FTP, comes from.
    public var secret = SecretSource.terminal

    public init() {}

    /// Why there is no way in, in one English sentence.
    public struct Fault: Error, Sendable, Hashable, CustomStringConvertible {
        public let description: String
    }

    /// A file server or a folder, and how to log in there; nil for a web service.
    ///
    /// - Throws: when something is missing, or a secret cannot be had.
    public func server(of target: SubmissionTarget) throws(Fault) -> RemotePlace? {
        switch target {
        case .sftp(let account): try sftp(account)
        case .ftp(let account, let protection): try ftp(account, protection)
        case .folder(let path): try folder(path)
        case .web: nil
        }
    }

    private func sftp(_ account: SubmissionTarget.Account) throws(Fault) -> RemotePlace {
        var settings = SFTPFileServer.Settings(host: account.host, hostKeys: try trustedHostKeys())
        settings.port = account.port
        // Durable at the receiver is what has a receipt, not what its disk was asked to keep.
        settings.syncsFiles = false
        let proof: RemoteLogIn.Proof
        do throws(SecretFault) {
            proof = try identity?.proof(secret: secret) ?? .agent
        } catch {
            throw Fault(description: error.description)
        }
        return RemotePlace(
            server: SFTPFileServer(settings), logIn: RemoteLogIn(user: account.user, proof: proof),
            home: account.home)
    }

    private func trustedHostKeys() throws(Fault) -> SFTPHostKeys {
        guard hostKeys.isEmpty else { return .fingerprints(hostKeys) }
        let usual = FileManager.default.homeDirectoryForCurrentUser.appendingPathComponent(".ssh/known_hosts")
            .path
        let file = knownHosts ?? usual
        guard FileManager.default.isReadableFile(atPath: file) else {
            throw Fault(
                description: "\(file) cannot be read; give the host key of the server, or a file with it")
        }
        return .knownHosts(path: file)
    }

    private func ftp(
        _ account: SubmissionTarget.Account, _ protection: SubmissionTarget.FTPProtection
    ) throws(Fault) -> RemotePlace {
        let trust = CurlTrust(authoritiesFile: authorities)
        let security: FTPFileServer.Settings.Security =
            switch protection {
            case .implicit: .implicit(trust)
            case .explicit: .explicit(trust)
            case .none: .plaintext
            }
        let settings = FTPFileServer.Settings(host: account.host, port: account.port, security: security)
        do throws(SecretFault) {
            let password = Secret(revealing: try secret.read(prompt: "Password of \(account.user)"))
            return RemotePlace(
                server: FTPFileServer(settings),
                logIn: RemoteLogIn(user: account.user, proof: .password(password)),
                home: account.home)
        } catch {
            throw Fault(description: error.description)
        }
    }

    private func folder(_ path: String) throws(Fault) -> RemotePlace {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue
        else {
            throw Fault(description: "\(path) is no directory with IN and OUT in it")
        }
        return RemotePlace(server: FolderFileServer(root: path), logIn: FolderFileServer.logIn, home: nil)
    }
}

/// A server, who logs in there, and where IN, OUT and their siblings lie.
public struct RemotePlace: Sendable {
    public let server: any RemoteServer
    public let logIn: RemoteLogIn
    public let home: RemotePath?
}
