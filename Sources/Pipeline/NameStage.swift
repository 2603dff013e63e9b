internal import Exchange

/// A set whose names follow the convention and that lies in the right directory of the right sender.
struct NamedSet {
    let name: SetName
    let declarations: [NamedPart]
    let signatures: [NamedPart]

    struct NamedPart {
        let name: PartName
        let part: SealedSet.Part
    }
}

/// Phase 1: the names, the directory and the sender (codes 107–132, 144, 367; 108, 117–119, 257).
struct NameStage {
    let policy: DecisionPolicy
    let today: CalendarDate

    func judge(_ set: SealedSet) throws(StageFailure) -> NamedSet {
        var findings: [Finding] = []
        var named: [NamedSet.NamedPart] = []
        let trigger = parse(set.name, into: &findings)
        for part in set.parts where part.name != set.name {
            if let name = parse(part.name, into: &findings) {
                named.append(.init(name: name, part: part))
            }
        }
        if let only = set.parts.first(where: { $0.name == set.name }), let trigger {
            named.append(.init(name: trigger, part: only))
        }
        let common = trigger ?? named.first?.name
        if let common {
            findings += faults(of: common.set, file: trigger == nil ? named[0].part.name : set.name, in: set)
        }
        guard findings.isEmpty, let common else { throw .refused(findings) }
        return NamedSet(
            name: common.set,
            declarations: named.filter { $0.name.kind == .declaration },
            signatures: named.filter { $0.name.kind == .signature })
    }

    private func parse(_ file: FileName, into findings: inout [Finding]) -> PartName? {
        do {
            return try PartName(file)
        } catch {
            findings += error.codes.map { code in
                Finding(
                    code, file: file,
                    detail: "\(file) does not follow the naming convention: \(code.sentence(in: .en))")
            }
            return nil
        }
    }

    private func faults(of name: SetName, file: FileName, in set: SealedSet) -> [Finding] {
        var findings: [Finding] = []
        if name.date > today {
            findings.append(
                Finding(.dateInFuture, file: file, detail: "The date \(name.date.compact) is after today."))
        } else if today.dayNumber - name.date.dayNumber > policy.dateAge {
            findings.append(
                Finding(
                    .dateTooOld, file: file,
                    detail: "The date \(name.date.compact) lies more than \(policy.dateAge) days back."))
        }
        if let parts = name.parts, parts > policy.parts {
            findings.append(
                Finding(
                    .partsAboveMaximum, file: file,
                    detail: "\(parts) parts; at most \(policy.parts) are taken."))
        }
        if name.sender != set.sender {
            findings.append(
                Finding(
                    .senderDiffersFromDirectory, file: file,
                    detail: "The name says sender \(name.sender), the directory belongs to \(set.sender)."))
        }
        if name.environment != set.mailbox.environment {
            findings.append(
                Finding(
                    NameStage.misplaced(name.environment), file: file,
                    detail:
                        "A set of environment \(name.environment.rawValue) was put in \(set.mailbox.rawValue)."
                ))
        }
        return findings
    }

    private static func misplaced(_ environment: ExchangeEnvironment) -> ReceptionCode {
        switch environment {
        case .real: .realOutsideIN
        case .test: .testOutsideINTEST
        case .simulation: .simulationOutsideINTESTS
        }
    }
}
