/// Something a sender is authorised for, such as `dmfa`; holds purposes (domain 6).
/// The catalogue is `config/applications.yaml`.
public struct Application: Sendable, Hashable {
    /// Lower case, digits and hyphens.
    public let code: String
    /// The label of the sender form (domain 6).
    public let label: String
    public let purposes: [PurposeRule]

    public init(code: String, label: String, purposes: [PurposeRule]) {
        self.code = code
        self.label = label
        self.purposes = purposes
    }
}

/// What a document of one purpose must be.
public struct PurposeRule: Sendable, Hashable {
    public let purpose: Purpose
    /// Root elements allowed, such as `DmfAOriginal`; the schema's name must begin with the root's and `_`.
    /// Empty: the document check stops at well-formedness (domain 5.4: purposes outside the Form family).
    public let roots: [String]
    /// Values allowed in `Form/Identification`; empty allows any.
    public let forms: [String]
    /// Forms in one file at the most (172, or 246 when the most is one).
    public let formLimit: Int?

    public init(purpose: Purpose, roots: [String], forms: [String], formLimit: Int?) {
        self.purpose = purpose
        self.roots = roots
        self.forms = forms
        self.formLimit = formLimit
    }
}

/// All applications, by purpose and by code.
public struct ApplicationCatalogue: Sendable {
    public let applications: [Application]
    private let byPurpose: [Purpose: (application: Application, rule: PurposeRule)]

    /// - Precondition: no purpose stands in two applications (the reader of the file refuses it).
    public init(_ applications: [Application]) {
        self.applications = applications
        var byPurpose: [Purpose: (application: Application, rule: PurposeRule)] = [:]
        for application in applications {
            for rule in application.purposes {
                precondition(byPurpose[rule.purpose] == nil, "purpose in two applications")
                byPurpose[rule.purpose] = (application, rule)
            }
        }
        self.byPurpose = byPurpose
    }

    public func application(code: String) -> Application? {
        applications.first { $0.code == code }
    }

    public func application(for purpose: Purpose) -> Application? { byPurpose[purpose]?.application }

    public func rule(for purpose: Purpose) -> PurposeRule? { byPurpose[purpose]?.rule }
}
