internal import ArgumentParser
internal import Exchange
internal import Foundation
internal import Pipeline
internal import Registry

struct Trust: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The certificate authorities that are accepted, and their revocation lists.",
        subcommands: [
            TrustAdd.self, TrustList.self, TrustRemove.self, TrustRevocationList.self, TrustStatusSource.self,
        ])
}

struct TrustAdd: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Accepts the authorities of a file.")

    @OptionGroup var instance: InstanceOptions
    @Argument(help: "One or more authority certificates, PEM or DER.") var file: String

    func run() throws {
        let added = try instance.open().registrar().addAuthorities(InputFile.read(file))
        for authority in added {
            Output.warn("accepted: \(authority.subject), SHA-256 \(authority.fingerprint)")
        }
    }
}

struct TrustList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists the accepted authorities.")

    @OptionGroup var instance: InstanceOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let authorities = try instance.open().registry().authorities()
        try output.print(rows: authorities, header: ["SHA-256", "EXPIRES", "STATUS FROM", "SUBJECT"]) {
            authority in
            [
                authority.facts.fingerprint.description, authority.facts.notAfter.ISO8601Format(),
                authority.source.words, authority.facts.subject,
            ]
        }
    }
}

struct TrustRemove: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Accepts an authority no longer.")

    @OptionGroup var instance: InstanceOptions
    @Argument(help: "The SHA-256 fingerprint, or its beginning.") var fingerprint: String

    func run() throws {
        let instance = try instance.open()
        try instance.registrar().removeAuthority(instance.authority(beginning: fingerprint))
    }
}

extension Instance {
    /// The one accepted authority whose fingerprint begins like that, with eight digits at least.
    func authority(beginning fingerprint: String) throws -> Digest {
        let wanted = fingerprint.lowercased().replacing(":", with: "")
        let matches = try registry().authorities().map(\.facts.fingerprint)
            .filter { $0.description.hasPrefix(wanted) }
        guard let match = matches.first, matches.count == 1, wanted.count >= 8 else {
            throw CommandFailure(
                .notFound, "no single authority has a fingerprint beginning with '\(fingerprint)'")
        }
        return match
    }
}

struct TrustRevocationList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "crl",
        abstract: "Takes a revocation list of an accepted authority; it replaces the older one.")

    @OptionGroup var instance: InstanceOptions
    @Argument(help: "The list, PEM or DER.") var file: String

    func run() throws {
        let list = try instance.open().registrar().addRevocationList(InputFile.read(file))
        Output.warn(
            "taken: list \(list.number ?? "without number") of \(list.issuer), \(list.thisUpdate.ISO8601Format())"
        )
    }
}
