internal import Exchange

/// A set with exactly the files its name promises, within the limits, under a name that is free.
struct CompleteSet {
    let name: SetName
    /// One for each FI, by part number.
    let pairs: [Pair]

    struct Pair {
        let declaration: SealedSet.Part
        /// Nil where the environment needs none and none is to be verified.
        let signature: SealedSet.Part?
    }
}

/// What phase 2 found.
enum SetVerdict {
    case complete(CompleteSet)
    /// The declarations were accepted before, byte for byte, under this ticket.
    case repeated(of: Ticket)
}

/// Phase 2: the composition of the set, its name's history and its size (codes 120–124, 130, 133, 134, 142; 184, 509).
struct SetStage {
    let policy: DecisionPolicy
    /// The accepted set of the same name, when there is one.
    let accepted: (ticket: Ticket, parts: [SealedSet.Part])?
    /// A dry run before signing: missing FS files are no fault.
    var isUnsigned = false

    func judge(_ named: NamedSet, of set: SealedSet) throws(StageFailure) -> SetVerdict {
        // What adds nothing to an accepted set is that set again, however incomplete: a client that missed an answer
        // sends part of it once more. It gets the first receipt, and no second word on it.
        if let accepted, addsNothing(named, to: accepted.parts) { return .repeated(of: accepted.ticket) }
        var findings = declarationFaults(of: named) + signatureFaults(of: named) + sizeFaults(of: named)
        if !set.hasTrigger {
            findings.append(
                Finding(
                    .triggerMissing, file: set.name,
                    detail: "The files lay in \(set.mailbox.rawValue) and no GO came."))
        }
        if let accepted {
            findings.append(
                Finding(
                    .nameAlreadyUsed, file: set.name,
                    detail:
                        "A set of this name with other content was accepted under ticket \(accepted.ticket).")
            )
        }
        guard findings.isEmpty else { throw .refused(findings) }
        return .complete(CompleteSet(name: named.name, pairs: pairs(of: named)))
    }

    /// True when every FI that came is one of the accepted set, byte for byte.
    private func addsNothing(_ named: NamedSet, to known: [SealedSet.Part]) -> Bool {
        named.declarations.allSatisfy { known.contains($0.part) }
    }

    private func pairs(of named: NamedSet) -> [CompleteSet.Pair] {
        let usesSignatures = named.name.environment != .simulation
        return named.declarations.sorted { ($0.name.part ?? 1) < ($1.name.part ?? 1) }.map { declaration in
            let signature = named.signatures.first { $0.name.part == declaration.name.part }
            return CompleteSet.Pair(
                declaration: declaration.part, signature: usesSignatures ? signature?.part : nil)
        }
    }

    private func declarationFaults(of named: NamedSet) -> [Finding] {
        var findings: [Finding] = []
        let count = named.declarations.count
        let wanted = named.name.declarationCount
        if count == 0 {
            findings.append(Finding(.noDeclaration, detail: "No FI file came with the set."))
        }
        if count != wanted {
            findings.append(
                Finding(.declarationCount, detail: "\(count) FI files came; the name promises \(wanted)."))
        }
        findings += numberingFaults(of: named.declarations, in: named.name, code: .declarationNumbering)
        for declaration in named.declarations where declaration.part.size == 0 {
            findings.append(Finding(.noData, file: declaration.part.name, detail: "The file is empty."))
        }
        return findings
    }

    private func signatureFaults(of named: NamedSet) -> [Finding] {
        let count = named.signatures.count
        if isUnsigned && count == 0 { return [] }
        let wanted = named.name.declarationCount
        switch named.name.environment {
        case .simulation:
            guard policy.simulationRefusesSignature, count > 0 else { return [] }
            return [
                Finding(
                    .signatureNotAllowed, file: named.signatures[0].part.name,
                    detail: "A simulation set takes no signature here.")
            ]
        case .test where !policy.testNeedsSignature && count == 0:
            return []
        case .test, .real:
            var findings: [Finding] = []
            if count != wanted {
                findings.append(
                    Finding(.signatureCount, detail: "\(count) FS files came; \(wanted) are required."))
            }
            return findings + numberingFaults(of: named.signatures, in: named.name, code: .signatureNumbering)
        }
    }

    /// The numbers must be 1, 2, 3 … without a gap, and every file must name the same total as the GO.
    private func numberingFaults(
        of files: [NamedSet.NamedPart], in name: SetName, code: ReceptionCode
    ) -> [Finding] {
        let sorted = files.sorted { ($0.name.part ?? 1) < ($1.name.part ?? 1) }
        for (index, file) in sorted.enumerated()
        where (file.name.part ?? 1) != index + 1 || file.name.set.parts != name.parts {
            return [
                Finding(
                    code, file: file.part.name,
                    detail:
                        "Numbering: part \(index + 1) of \(name.declarationCount) was expected in this place."
                )
            ]
        }
        return []
    }

    private func sizeFaults(of named: NamedSet) -> [Finding] {
        var findings: [Finding] = []
        let limit = policy.fileLimit(for: named.name.purpose)
        for declaration in named.declarations where declaration.part.size > limit {
            findings.append(
                Finding(
                    .fileTooLarge, file: declaration.part.name,
                    detail: "\(declaration.part.size) bytes; at most \(limit) are taken."))
        }
        let total = (named.declarations + named.signatures).reduce(0) { $0 + $1.part.size }
        if total > policy.setSize {
            findings.append(
                Finding(.setTooLarge, detail: "\(total) bytes in all; at most \(policy.setSize) are taken."))
        }
        return findings
    }
}
