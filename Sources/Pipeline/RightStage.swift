internal import Exchange
internal import Registry

/// That a sender may send an application on a channel, with what the registry said at that moment. Made by `RightStage` only.
struct Authorisation {
    let application: Application
    let rule: PurposeRule
    /// The certificates the sender may sign with on this channel; nil in a dry run that does not ask.
    let certificates: [CertificateFacts]?
    let enterprise: EnterpriseNumber?

    fileprivate init(
        application: Application, rule: PurposeRule, certificates: [CertificateFacts]?,
        enterprise: EnterpriseNumber?
    ) {
        self.application = application
        self.rule = rule
        self.certificates = certificates
        self.enterprise = enterprise
    }
}

/// Phase 3: may this sender send this purpose on this channel (codes 103, 154, 168, 249). A pure function of what the
/// registry returned.
struct RightStage {
    let catalogue: ApplicationCatalogue

    func judge(
        _ purpose: Purpose, of sender: SenderNumber, on channel: ChannelKind, standing answer: Standing
    ) throws(StageFailure) -> Authorisation {
        guard case .asked(let standing) = answer else { return try rehearse(purpose) }
        var findings: [Finding] = []
        if standing?.isActive != true {
            let state = standing == nil ? "is not registered" : "is blocked"
            findings.append(Finding(.senderNotAuthorised, detail: "Sender \(sender) \(state)."))
        }
        guard let application = catalogue.application(for: purpose), let rule = catalogue.rule(for: purpose)
        else {
            throw .refused(findings + [RightStage.unknown(purpose)])
        }
        let holders = standing?.channels.filter { $0.applications.contains(application.code) } ?? []
        let holder = holders.first { $0.kind == channel }
        if holder == nil, let other = holders.first {
            findings.append(
                Finding(
                    .channelDiffers,
                    detail:
                        "Application \(application.code) is authorised on \(other.kind.rawValue), not on \(channel.rawValue)."
                ))
        } else if holder == nil, standing != nil {
            findings.append(
                Finding(
                    .accessModeNotAuthorised,
                    detail:
                        "Application \(application.code) is not authorised for sender \(sender) on \(channel.rawValue)."
                ))
        }
        guard findings.isEmpty, let standing, let holder else { throw .refused(findings) }
        return Authorisation(
            application: application, rule: rule, certificates: holder.certificates,
            enterprise: standing.enterprise)
    }

    /// Without a registry only the purpose can be judged.
    private func rehearse(_ purpose: Purpose) throws(StageFailure) -> Authorisation {
        guard let application = catalogue.application(for: purpose), let rule = catalogue.rule(for: purpose)
        else {
            throw .refused([RightStage.unknown(purpose)])
        }
        return Authorisation(application: application, rule: rule, certificates: nil, enterprise: nil)
    }

    private static func unknown(_ purpose: Purpose) -> Finding {
        Finding(
            .purposeNotOfSender, detail: "No application a sender can hold takes files of purpose \(purpose)."
        )
    }
}
