internal import Channels
internal import Exchange
internal import Logging
internal import Pipeline
internal import Spool
internal import Validation

extension Configuration {
    /// Every key with the value in force, as `section.key`; durations in seconds, sizes in bytes.
    var shown: [String: String] {
        var shown = [
            "instance.spool": spoolRoot, "instance.registry": registry, "instance.schemas": schemas,
            "instance.applications": applications,
            "instance.requiredSchemas": requiredSchemas.joined(separator: ", "),
            "folder.root": folder?.root ?? "off", "folder.interval": "\(folder?.interval ?? 0.5)",
            "limits.file": "\(policy.fileSize)", "limits.set": "\(policy.setSize)",
            "limits.unsealedPerSender": "\(limits.bytesPerSender)",
            "limits.filesPerDirectory": "\(limits.filesPerMailbox)",
            "limits.freeSpace": "\(limits.freeFloor)",
            "policy.dateAge": "\(policy.dateAge * 86_400)", "policy.parts": "\(policy.parts)",
            "policy.incompleteDelay": "\(limits.incompleteDelay)",
            "policy.earlyTriggerWait": "\(limits.earlyTriggerWait)",
            "policy.testSignature": policy.testNeedsSignature ? "required" : "optional",
            "policy.simulationSignature": policy.simulationRefusesSignature ? "refused" : "ignored",
            "policy.sha1": signaturePolicy.allowsSHA1 ? "allowed" : "refused",
            "receipts.key": receiptKey, "receipts.certificate": receiptCertificate,
            "receipts.retention": "\(limits.answerRetention)",
            "spool.syncThreads": "\(limits.syncThreads)", "spool.sweepInterval": "\(limits.sweepInterval)",
            "spool.heldRetention": "\(limits.heldRetention)",
            "work.deciding": "\(deciding)", "work.delivering": "\(delivering)",
            "work.longestPause": "\(pauses.longest)",
            "log.level": logLevel.rawValue,
        ]
        for (purpose, size) in policy.fileSizeByPurpose {
            shown["limits.fileByPurpose.\(purpose)"] = "\(size)"
        }
        for (application, real, test) in destinations {
            shown["destinations.\(application).real"] = real
            shown["destinations.\(application).test"] = test
        }
        shown.merge(shownSFTP) { _, new in new }
        return shown
    }

    private var shownSFTP: [String: String] {
        guard let sftp else { return ["sftp.listen": "off"] }
        return [
            "sftp.listen": "\(sftp.host):\(sftp.port)",
            "sftp.hostKeys": sftp.hostKeyFiles.joined(separator: ", "),
            "sftp.workers": "\(sftp.workers)", "sftp.sessions": "\(sftp.sessions)",
            "sftp.sessionsPerAddress": "\(sftp.sessionsPerAddress)",
            "sftp.sessionsPerSender": "\(sftp.sessionsPerSender)",
            "sftp.handlesPerSession": "\(sftp.handlesPerSession)",
            "sftp.handlesPerSender": "\(sftp.handlesPerSender)",
            "sftp.authenticationTime": "\(sftp.authenticationTime)", "sftp.idleTime": "\(sftp.idleTime)",
            "sftp.penalties": sftp.penalty.isOn ? "on" : "off",
            "sftp.penaltyFree": "\(sftp.penalty.freeFailures)",
            "sftp.penaltyFirst": "\(sftp.penalty.first)", "sftp.penaltyLongest": "\(sftp.penalty.longest)",
            "sftp.penaltyForgetting": "\(sftp.penalty.forgetting)",
            "sftp.penaltyExempt": sftp.penalty.exempt.sorted().joined(separator: ", "),
        ]
    }
}
