internal import Exchange

// What nobody of ours made, outside the directories of sets and answers.
extension SpoolCheck {
    private static let known: Set<String> = [
        "lock", "run", "arriving", "consigned", "held", "outbox", "ledger.sqlite", "ledger.sqlite-wal",
        "ledger.sqlite-shm",
    ]

    func addStrangers(to findings: inout [Finding]) throws {
        for name in try root.names(in: ".") where !SpoolCheck.known.contains(name) {
            findings.append(stranger(in: "."))
        }
        for text in try root.names(in: "arriving") {
            guard SenderNumber(text) != nil else {
                findings.append(stranger(in: "arriving"))
                continue
            }
            for directory in try root.names(in: "arriving/\(text)") {
                guard let mailbox = Mailbox(rawValue: directory), mailbox.takesUploads else {
                    findings.append(stranger(in: "arriving/\(text)"))
                    continue
                }
                let names = try root.names(in: "arriving/\(text)/\(directory)")
                if !names.allSatisfy(ArrivingFiles.isOurs) {
                    findings.append(stranger(in: "arriving/\(text)/\(directory)"))
                }
            }
        }
    }
}
