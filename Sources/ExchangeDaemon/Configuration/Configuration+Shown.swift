internal import Channels
internal import Exchange
internal import Logging
internal import Pipeline
internal import Spool
internal import Validation
internal import Workers

extension Configuration {
    /// Every key with the value in force, as `section.key`; durations in seconds, sizes in bytes.
    var shown: [String: String] {
        var shown = shownDecision
        for (purpose, size) in policy.fileSizeByPurpose {
            shown["limits.fileByPurpose.\(purpose)"] = "\(size)"
        }
        for (application, real, test) in destinations {
            shown["destinations.\(application).real"] = real?.shown
            shown["destinations.\(application).test"] = test?.shown
        }
        for part in [shownInstance, shownSFTP, shownPenalties, shownWeb, shownServers, shownInboxes] {
            shown.merge(part) { _, new in new }
        }
        return shown
    }

    private var shownInstance: [String: String] {
        [
            "instance.spool": spoolRoot, "instance.registry": registry, "instance.schemas": schemas,
            "instance.applications": applications,
            "instance.requiredSchemas": requiredSchemas.joined(separator: ", "),
            "folder.root": folder?.root ?? "off", "folder.interval": "\(folder?.interval ?? 0.5)",
            "receipts.key": receiptKey, "receipts.certificate": receiptCertificate,
            "receipts.retention": "\(limits.answerRetention)",
            "spool.syncThreads": "\(limits.syncThreads)", "spool.sweepInterval": "\(limits.sweepInterval)",
            "spool.heldRetention": "\(limits.heldRetention)",
            "spool.begunSetRetention": "\(limits.consignmentRetention)",
            "spool.handoverRetention": "\(limits.markRetention)",
            "work.deciding": "\(deciding)", "work.delivering": "\(delivering)",
            "work.longestPause": "\(pauses.longest)",
            "work.workers": workers.map { "\($0.count)" } ?? "off", "work.workerUser": workerUser,
            "work.workerMemory": workers.map { "\($0.memory)" } ?? "",
            "work.workerTime": workers.map { "\($0.time)" } ?? "",
            "log.level": logLevel.rawValue,
        ]
    }

    private var shownDecision: [String: String] {
        [
            "limits.file": "\(policy.fileSize)", "limits.set": "\(policy.setSize)",
            "limits.unsealedPerSender": "\(limits.bytesPerSender)",
            "limits.filesPerDirectory": "\(limits.filesPerMailbox)",
            "limits.begunSetsPerSender": "\(limits.consignmentsPerSender)",
            "limits.refusedPerSecond": limits.refusedPerSecond.map { "\(Int($0))" } ?? "off",
            "limits.freeSpace": "\(limits.freeFloor)",
            "policy.dateAge": "\(policy.dateAge * 86_400)", "policy.parts": "\(policy.parts)",
            "policy.incompleteDelay": "\(limits.incompleteDelay)",
            "policy.earlyTriggerWait": "\(limits.earlyTriggerWait)",
            "policy.testSignature": policy.testNeedsSignature ? "required" : "optional",
            "policy.simulationSignature": policy.simulationRefusesSignature ? "refused" : "ignored",
            "policy.sha1": signaturePolicy.allowsSHA1 ? "allowed" : "refused",
        ]
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
        ]
    }

    /// Of the web service too, also when there is no SFTP server.
    private var shownPenalties: [String: String] {
        [
            "sftp.penalties": penalty.isOn ? "on" : "off", "sftp.penaltyFree": "\(penalty.freeFailures)",
            "sftp.penaltyUser": "\(penalty.userFailures)", "sftp.penaltyFirst": "\(penalty.first)",
            "sftp.penaltyLongest": "\(penalty.longest)", "sftp.penaltyForgetting": "\(penalty.forgetting)",
            "sftp.penaltyExempt": penalty.exempt.sorted().joined(separator: ", "),
        ]
    }

    private var shownWeb: [String: String] {
        guard let web else { return ["web.listen": "off"] }
        return [
            "web.listen": "\(web.host):\(web.port)",
            "web.certificate": web.certificateFile, "web.key": web.keyFile,
            "web.publicURL": web.publicURL ?? "", "web.connections": "\(web.connections)",
            "web.connectionsPerAddress": "\(web.connectionsPerAddress)", "web.idleTime": "\(web.idleTime)",
            "web.headerTime": "\(web.headerTime)", "web.requestsPerSender": "\(web.requestsPerSender)",
            "web.requestsPerAddress": "\(web.requestsPerAddress)", "web.tokenLife": "\(web.tokenLife)",
            "web.assertionLife": "\(web.assertionLife)", "web.clockSkew": "\(web.clockSkew)",
        ]
    }

    /// Paths of secrets, never what is in them.
    private var shownServers: [String: String] {
        var shown: [String: String] = [:]
        for (name, server) in servers {
            let fields: [(String, String?)] = [
                ("url", "\(server.scheme.rawValue)://\(server.host):\(server.port)\(server.path)"),
                ("user", server.user), ("password", server.passwordFile), ("identity", server.identityFile),
                ("passphrase", server.passphraseFile), ("token", server.tokenFile),
                ("certificate", server.certificateFile), ("key", server.keyFile),
                ("hostKeys", server.hostKeys.isEmpty ? nil : server.hostKeys.joined(separator: ", ")),
                ("knownHosts", server.knownHosts), ("authorities", server.authorities),
                ("pinnedKey", server.pinnedKey),
                (
                    "plaintext",
                    server.scheme == .ftp ? (server.isPlaintextAllowed ? "allowed" : "refused") : nil
                ),
                ("active", server.activeAddress), ("connectTime", "\(server.connectTime)"),
                ("stallTime", "\(server.stallTime)"), ("listingEntries", "\(server.listingEntries)"),
            ]
            for (field, value) in fields { shown["servers.\(name).\(field)"] = value }
        }
        return shown
    }

    private var shownInboxes: [String: String] {
        var shown: [String: String] = [:]
        for inbox in inboxes {
            let key = "inboxes.\(inbox.name)."
            shown[key + "server"] = inbox.server.name
            shown[key + "channel"] = inbox.channel.rawValue
            shown[key + "home"] = inbox.home
            shown[key + "senders"] = inbox.senders.map {
                $0.map(\.description).sorted().joined(separator: ", ")
            }
            shown[key + "connections"] = "\(inbox.connections)"
            shown[key + "interval"] = "\(inbox.interval)"
        }
        return shown
    }
}

extension Configuration.Place {
    var shown: String {
        switch self {
        case .directory(let path): path
        case .server(let server, let path): "\(server.name):\(path)"
        }
    }
}
