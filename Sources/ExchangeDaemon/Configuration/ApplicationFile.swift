internal import Exchange

/// Reads `applications.yaml`: what senders can be authorised for, strictly.
enum ApplicationFile {
    static func read(_ file: String) throws(ConfigurationFault) -> ApplicationCatalogue {
        let root = try StrictMapping(file: file)
        var applications: [Application] = []
        var holders: [Purpose: String] = [:]
        for entry in try root.mappings("applications") ?? [] {
            let application = try read(entry)
            guard !applications.contains(where: { $0.code == application.code }) else {
                throw entry.fault("code", "the application \(application.code) stands here twice")
            }
            for rule in application.purposes {
                if let other = holders.updateValue(application.code, forKey: rule.purpose) {
                    throw entry.fault("purposes", "the purpose \(rule.purpose) already belongs to \(other)")
                }
            }
            applications.append(application)
        }
        try root.close()
        return ApplicationCatalogue(applications)
    }

    private static func read(_ entry: StrictMapping) throws(ConfigurationFault) -> Application {
        let code = try entry.string("code") ?? ""
        guard !code.isEmpty, code.utf8.allSatisfy({ $0.isDigit || $0 == 0x2D || (0x61...0x7A).contains($0) })
        else {
            throw entry.fault("code", "a code of lower-case letters, digits and hyphens is wanted")
        }
        let label = try entry.string("label") ?? code
        var rules: [PurposeRule] = []
        for purpose in try entry.mappings("purposes") ?? [] {
            rules.append(try rule(purpose))
        }
        try entry.close()
        return Application(code: code, label: label, purposes: rules)
    }

    private static func rule(_ entry: StrictMapping) throws(ConfigurationFault) -> PurposeRule {
        guard let purpose = Purpose(try entry.string("purpose") ?? "") else {
            throw entry.fault("purpose", "four capitals or digits are wanted")
        }
        let rule = PurposeRule(
            purpose: purpose, roots: try entry.strings("roots") ?? [],
            forms: try entry.strings("forms") ?? [],
            formLimit: try entry.integer("formLimit", in: 1...1_000_000))
        try entry.close()
        return rule
    }
}
