internal import ArgumentParser
internal import Exchange
internal import Foundation
internal import Pipeline

struct TrustStatusSource: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "source",
        abstract: "Sets where it is learnt whether what an authority issued was revoked.")

    @OptionGroup var instance: InstanceOptions
    @Argument(help: "The SHA-256 fingerprint of the authority, or its beginning.") var fingerprint: String
    @Flag(help: "From lists that are brought with `trust crl`.") var file = false
    @Option(help: "From the revocation list at this address, http or https.") var crlURL: String?
    @Option(help: "From the OCSP responder at this address, http or https.") var ocspURL: String?
    @Option(
        help:
            "How long a status may be used after it was learnt, 1 min to 31 d; for addresses 24 h if not given."
    )
    var ageLimit: AgeLimit?

    func validate() throws {
        guard [file, crlURL != nil, ocspURL != nil].count(where: \.self) == 1 else {
            throw ValidationError("One of --file, --crl-url and --ocsp-url is wanted.")
        }
    }

    func run() throws {
        let kind: StatusSource.Kind = file ? .file : crlURL != nil ? .list : .responder
        let limit = ageLimit?.seconds ?? (file ? nil : StatusSource.usualAgeLimit)
        guard let source = StatusSource(kind, url: crlURL ?? ocspURL, ageLimit: limit) else {
            throw CommandFailure(
                .refused,
                "an address that begins with http:// or https:// is wanted, without user and fragment, and a limit "
                    + "from 1 min to 31 d")
        }
        let instance = try instance.open()
        let authority = try instance.authority(beginning: fingerprint)
        try instance.registrar().setSource(source, of: authority)
        Output.warn("authority \(authority): \(source.words)")
    }
}

/// `24h`, `90 min`, `7 d`.
struct AgeLimit: ExpressibleByArgument {
    let seconds: TimeInterval

    init?(argument: String) {
        guard let seconds = StrictMapping.seconds(argument) else { return nil }
        self.seconds = seconds.rounded()
    }
}

extension StatusSource {
    /// For people.
    var words: String {
        let limit = ageLimit.map { " for \(Int($0)) s" } ?? ""
        return kind.rawValue + (url.map { " \($0)" } ?? "") + limit
    }
}
