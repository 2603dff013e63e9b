internal import ArgumentParser
internal import Exchange
internal import Foundation
internal import Registry

struct SenderCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sender", abstract: "The registered technical senders.",
        subcommands: [
            SenderAdd.self, SenderList.self, SenderShow.self, SenderBlock.self, SenderUnblock.self,
            SenderRemove.self,
            SenderChannel.self, SenderCertificate.self, SenderKey.self, SenderPassword.self,
        ])
}

struct SenderAdd: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "add", abstract: "Registers a sender.")

    @OptionGroup var instance: InstanceOptions
    @Option(help: "The sender's number, six digits.") var number: SenderNumber
    @Option(help: "The technical user, EXP and 1 to 20 letters, digits or _.") var user: String
    @Option(help: "The name of the company.") var name: String
    @Option(help: "The enterprise number, ten digits.") var enterprise: String
    @Option(help: "The NSSO number, nine digits.") var nsso: String?
    @Option(help: "E-mail of the contact person; may be given several times.") var email: [String] = []
    @Option(help: "Last name of the contact person.") var contactName: String?
    @Option(help: "First name of the contact person.") var contactFirstName: String?
    @Option(help: "Telephone of the contact person.") var contactTelephone: String?
    @Option(help: "Language of the contact person: fr, nl, de or en.") var contactLanguage: Language?

    func run() throws {
        guard let user = TechnicalUser(user) else {
            throw CommandFailure(
                .refused, "'\(user)' is not a technical user: EXP and 1 to 20 of A-Z a-z 0-9 _")
        }
        guard let enterprise = EnterpriseNumber(enterprise) else {
            throw CommandFailure(
                .refused,
                "'\(enterprise)' is not an enterprise number: its check digits or its shape are wrong")
        }
        let nsso = try nsso.map { text in
            guard let number = NSSONumber(text) else {
                throw CommandFailure(
                    .refused, "'\(text)' is not an NSSO number: its check digits or its shape are wrong")
            }
            return number
        }
        let words = [name, contactName, contactFirstName, contactTelephone].compactMap(\.self) + email
        let hasControls = words.contains { word in
            word.unicodeScalars.contains { $0.properties.generalCategory == .control }
        }
        guard !hasControls else {
            throw CommandFailure(
                .refused, "names, addresses and numbers are plain text without control characters")
        }
        let hasContact =
            contactName != nil || contactFirstName != nil || contactTelephone != nil || !email.isEmpty
        let contact =
            hasContact
            ? ContactPerson(
                lastName: contactName, firstName: contactFirstName, title: nil, function: nil,
                language: contactLanguage, telephone: contactTelephone, emails: email) : nil
        try instance.open().registry().register(
            NewSender(
                number: number, user: user, name: name, enterprise: enterprise, nsso: nsso, contact: contact))
        Output.warn("sender \(number) registered")
    }
}

struct SenderList: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists the senders.")

    @OptionGroup var instance: InstanceOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let now = Date()
        let senders = try instance.open().registry().senders().map { SenderRow($0, at: now) }
        try output.print(
            rows: senders, header: ["NUMBER", "STATE", "USER", "ENTERPRISE", "CHANNELS", "EXPIRES", "NAME"]
        ) { row in
            let sender = row.sender
            return [
                sender.number.description, sender.isBlocked ? "blocked" : "active", sender.user.description,
                sender.enterprise.description, sender.channels.map(\.kind.rawValue).joined(separator: ","),
                row.expiryWords, sender.name,
            ]
        }
    }
}

/// A sender as `sender list` shows it: the record, and when its signing ends.
struct SenderRow: Encodable {
    let sender: SenderRecord
    let expiry: CertificateExpiry?

    init(_ sender: SenderRecord, at time: Date) {
        self.sender = sender
        expiry = sender.nextExpiry(at: time)
    }

    /// The day, with what is to be noticed; `-` without a certificate.
    var expiryWords: String {
        guard let expiry else { return "-" }
        let day = expiry.expiresAt.formatted(.iso8601.year().month().day())
        if expiry.isOver { return "\(day) (expired)" }
        return expiry.warning == nil ? day : "\(day) (in \(expiry.daysLeft) d)"
    }

    private enum CodingKeys: CodingKey {
        case certificateExpiry
    }

    func encode(to encoder: any Encoder) throws {
        try sender.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(expiry, forKey: .certificateExpiry)
    }
}

struct SenderShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Shows a sender with its channels, applications, certificates and keys.")

    @OptionGroup var instance: InstanceOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: "The sender's number.") var number: SenderNumber

    func run() throws {
        guard let sender = try instance.open().registry().sender(number) else {
            throw CommandFailure(.notFound, "no sender \(number)")
        }
        try output.print(sender) { SenderSheet(sender).text }
    }
}

struct SenderBlock: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "block",
        abstract: "Blocks a sender: no log-in, no set accepted, open sessions end within 5 s.")

    @OptionGroup var instance: InstanceOptions
    @Argument(help: "The sender's number.") var number: SenderNumber

    func run() throws {
        try instance.open().registry().setBlocked(true, number)
    }
}

struct SenderUnblock: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unblock", abstract: "Ends the blocking of a sender.")

    @OptionGroup var instance: InstanceOptions
    @Argument(help: "The sender's number.") var number: SenderNumber

    func run() throws {
        try instance.open().registry().setBlocked(false, number)
    }
}

struct SenderRemove: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Removes a sender; its number is never given again.")

    @OptionGroup var instance: InstanceOptions
    @Argument(help: "The sender's number.") var number: SenderNumber

    func run() throws {
        try instance.open().registry().remove(number)
    }
}
