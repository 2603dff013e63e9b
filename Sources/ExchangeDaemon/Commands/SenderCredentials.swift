internal import ArgumentParser
internal import Exchange
internal import Foundation
internal import Pipeline
internal import Registry

struct SenderChannel: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "channel", abstract: "The channels of a sender.",
        subcommands: [SenderChannelAdd.self, SenderChannelRemove.self])
}

struct SenderChannelAdd: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Opens a channel to a sender, with its certificates, keys and applications.")

    @OptionGroup var instance: InstanceOptions
    @Argument(help: "The sender's number.") var number: SenderNumber
    @Argument(help: "sftp, ftp, web or folder.") var kind: ChannelKind
    @Option(help: "The signing certificate, .cer or .pem; may be given several times.") var certificate:
        [String] = []
    @Option(help: "An SSH public key, .pub; may be given several times.") var key: [String] = []
    @Option(help: "The code of an application; may be given several times.") var application: [String] = []
    @Option(help: "An application whose preferred channel this becomes.") var preferred: [String] = []
    @Flag(help: "FTP: read the password from standard input; without it, it is asked for.")
    var passwordStdin = false
    @Flag(help: "FTP: the account at the server is not the sender's own, and has no password here.")
    var withoutPassword = false

    func run() throws {
        let instance = try instance.open()
        guard kind == .ftp || !(passwordStdin || withoutPassword) else {
            throw CommandFailure(.usage, "a password belongs to an FTP channel, not to \(kind.rawValue)")
        }
        let password =
            try kind == .ftp && !withoutPassword
            ? instance.password(of: number, fromStandardInput: passwordStdin) : nil
        try instance.registrar().addChannel(
            kind, to: number, certificates: try certificate.map(InputFile.read),
            keys: try key.map(InputFile.read),
            applications: application, preferring: preferred, password: password)
        Output.warn("channel \(kind.rawValue) of sender \(number) opened")
    }
}

struct SenderChannelRemove: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Closes a channel of a sender.")

    @OptionGroup var instance: InstanceOptions
    @Argument(help: "The sender's number.") var number: SenderNumber
    @Argument(help: "sftp, ftp, web or folder.") var kind: ChannelKind

    func run() throws {
        try instance.open().registry().removeChannel(kind, of: number)
    }
}

struct SenderCertificate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certificate", abstract: "Renewal and revocation of signing certificates.",
        subcommands: [SenderCertificateAdd.self, SenderCertificateRevoke.self])
}

/// From when until when a credential counts: renewal with overlap.
struct ValidityOptions: ParsableArguments {
    @Option(help: "Counts from this day or time on (ISO 8601).") var from: Date?
    @Option(help: "Counts until this day or time (ISO 8601).") var until: Date?
}

struct SenderCertificateAdd: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Adds a certificate to a channel.")

    @OptionGroup var instance: InstanceOptions
    @OptionGroup var validity: ValidityOptions
    @Argument(help: "The sender's number.") var number: SenderNumber
    @Argument(help: "sftp, ftp, web or folder.") var kind: ChannelKind
    @Argument(help: "The certificate, .cer or .pem.") var file: String

    func run() throws {
        try instance.open().registrar().addCertificate(
            InputFile.read(file), validFrom: validity.from, validUntil: validity.until, to: kind, of: number)
    }
}

struct SenderCertificateRevoke: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Revokes a certificate at once, on all channels of the sender.")

    @OptionGroup var instance: InstanceOptions
    @Argument(help: "The sender's number.") var number: SenderNumber
    @Argument(help: "The SHA-256 fingerprint, hexadecimal.") var fingerprint: String

    func run() throws {
        guard let digest = Digest(hexadecimal: fingerprint.replacing(":", with: "")) else {
            throw CommandFailure(
                .usage, "'\(fingerprint)' is not a SHA-256 fingerprint of 64 hexadecimal digits")
        }
        try instance.open().registry().revokeCertificate(digest, of: number, at: Date())
    }
}

struct SenderKey: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Renewal and revocation of SSH keys.",
        subcommands: [SenderKeyAdd.self, SenderKeyRevoke.self])
}

struct SenderKeyAdd: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Adds an SSH key to the SFTP channel.")

    @OptionGroup var instance: InstanceOptions
    @OptionGroup var validity: ValidityOptions
    @Argument(help: "The sender's number.") var number: SenderNumber
    @Argument(help: "The public key, .pub.") var file: String

    func run() throws {
        try instance.open().registrar().addKey(
            InputFile.read(file), validFrom: validity.from, validUntil: validity.until, of: number)
    }
}

struct SenderKeyRevoke: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Revokes an SSH key at once; open sessions end within 5 s.")

    @OptionGroup var instance: InstanceOptions
    @Argument(help: "The sender's number.") var number: SenderNumber
    @Argument(help: "The fingerprint as `sender show` prints it, SHA256:…") var fingerprint: String

    func run() throws {
        try instance.open().registry().revokeKey(fingerprint: fingerprint, of: number, at: Date())
    }
}

struct SenderPassword: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "password", abstract: "Gives the FTP channel of a sender another password.",
        discussion: "It counts at the FTP server as soon as 'ecluse ftp-accounts export' has been run.")

    @OptionGroup var instance: InstanceOptions
    @Argument(help: "The sender's number.") var number: SenderNumber
    @Flag(help: "Read the password from standard input; without it, it is asked for.") var passwordStdin =
        false

    func run() throws {
        let instance = try instance.open()
        let password = try instance.password(of: number, fromStandardInput: passwordStdin)
        try instance.registry().setPassword(password, of: number)
        Output.warn(
            "password of sender \(number) changed; run 'ecluse ftp-accounts export' for the FTP server")
    }
}

extension Instance {
    /// A password for the user of a sender, which must be registered.
    fileprivate func password(of number: SenderNumber, fromStandardInput: Bool) throws -> FTPPassword {
        guard let sender = try registry().sender(number) else {
            throw CommandFailure(.notFound, "no sender \(number)")
        }
        return try PasswordInput.read(fromStandardInput: fromStandardInput, for: sender.user)
    }
}
