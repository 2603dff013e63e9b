public import Exchange

/// A sender as it is registered; channels are added afterwards.
public struct NewSender: Sendable {
    public var number: SenderNumber
    public var user: TechnicalUser
    /// The company's name, 1 to 400 bytes.
    public var name: String
    public var enterprise: EnterpriseNumber
    public var nsso: NSSONumber?
    public var contact: ContactPerson?

    public init(
        number: SenderNumber, user: TechnicalUser, name: String, enterprise: EnterpriseNumber,
        nsso: NSSONumber? = nil, contact: ContactPerson? = nil
    ) {
        self.number = number
        self.user = user
        self.name = name
        self.enterprise = enterprise
        self.nsso = nsso
        self.contact = contact
    }

    /// With nothing of the contact but an e-mail address.
    public init(
        number: SenderNumber, user: TechnicalUser, name: String, enterprise: EnterpriseNumber,
        nsso: NSSONumber? = nil, email: String
    ) {
        self.init(
            number: number, user: user, name: name, enterprise: enterprise, nsso: nsso,
            contact: ContactPerson(emails: [email]))
    }
}

/// Whom to reach about a sender (domain 2.4, step 2).
public struct ContactPerson: Sendable, Hashable, Codable {
    public var lastName: String?
    public var firstName: String?
    public var title: String?
    public var function: String?
    public var language: Language?
    public var telephone: String?
    /// 1 to 3 addresses, in the order given.
    public var emails: [String]

    public init(
        lastName: String? = nil, firstName: String? = nil, title: String? = nil, function: String? = nil,
        language: Language? = nil, telephone: String? = nil, emails: [String]
    ) {
        self.lastName = lastName
        self.firstName = firstName
        self.title = title
        self.function = function
        self.language = language
        self.telephone = telephone
        self.emails = emails
    }
}
