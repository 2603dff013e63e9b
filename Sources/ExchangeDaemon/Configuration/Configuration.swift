internal import Channels
internal import Exchange
internal import Foundation
internal import Logging
internal import Pipeline
internal import Spool
internal import Validation
internal import Workers

/// The configuration of one instance, parsed once and strictly. Each key is documented in `config/ecluse.yaml`.
struct Configuration {
    let file: String
    var spoolRoot = ""
    var registry = ""
    var schemas = ""
    var applications = ""
    var requiredSchemas: [String] = []
    /// Nil: the SFTP server is off.
    var sftp: SFTPServerConfiguration?
    /// Of the SFTP server and the web service.
    var penalty = PenaltyPolicy()
    /// Nil: no folder channel.
    var folder: (root: String, interval: TimeInterval)?
    var limits = SpoolLimits()
    var policy = DecisionPolicy()
    var signaturePolicy = SignaturePolicy()
    var receiptKey = ""
    var receiptCertificate = ""
    var deciding = 24
    var delivering = 4
    var pauses = RetryPauses()
    /// Nil: signatures and documents are judged in the daemon's own process.
    var workers: WorkerSettings? = WorkerSettings()
    /// Whom workers become when the daemon is root.
    var workerUser = "nobody"
    var servers: [String: ServerEntry] = [:]
    var inboxes: [InboxEntry] = []
    /// Nil: no web service.
    var web: WebEntry?
    var destinations: [(application: String, real: Place?, test: Place?)] = []
    var logLevel = Logger.Level.info

    init(file: String) throws(ConfigurationFault) {
        self.file = file
        let root = try StrictMapping(file: file)
        try readInstance(root.mapping("instance"))
        try readSFTP(root.mapping("sftp"))
        try readFolder(root.mapping("folder"))
        try readWeb(root.mapping("web"))
        try readServers(root.mapping("servers"))
        try readInboxes(root.mapping("inboxes"))
        try readLimits(root.mapping("limits"))
        try readPolicy(root.mapping("policy"))
        try readReceipts(root.mapping("receipts"))
        try readSpool(root.mapping("spool"))
        try readWork(root.mapping("work"))
        try readDestinations(root.mapping("destinations"))
        try readLog(root.mapping("log"))
        try root.close()
        if let sftp { limits.idleUploadWait = sftp.idleTime }
    }

    private func resolved(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent()
        return folder.appendingPathComponent(path).standardizedFileURL.path
    }

    /// Refuses the first file that is named and cannot be read. Not done when reading the configuration, as commands
    /// that look at the registry alone need none of them.
    func checkFiles() throws(ConfigurationFault) {
        for needed in servers.values.flatMap(\.files) + (web?.files ?? []) {
            guard access(needed.path, R_OK) == 0 else { throw needed.fault }
        }
    }

    private mutating func readInstance(_ keys: StrictMapping) throws(ConfigurationFault) {
        spoolRoot = resolved(try keys.string("spool") ?? "../spool")
        registry = resolved(try keys.string("registry") ?? "../registry/registry.sqlite")
        schemas = resolved(try keys.string("schemas") ?? "schemas")
        applications = resolved(try keys.string("applications") ?? "applications.yaml")
        requiredSchemas = try keys.strings("requiredSchemas") ?? []
        try keys.close()
    }

    private mutating func readSFTP(_ keys: StrictMapping) throws(ConfigurationFault) {
        var server = SFTPServerConfiguration()
        let listen = try keys.string("listen") ?? "127.0.0.1:8022"
        if let address = Configuration.address(listen) {
            (server.host, server.port) = address
        } else if listen != "off" {
            throw keys.fault("listen", "host:port or off is wanted, not '\(listen)'")
        }
        server.hostKeyFiles =
            (try keys.strings("hostKeys") ?? ["keys/ssh_host_ed25519_key", "keys/ssh_host_rsa_key"])
            .map(resolved)
        server.workers = try keys.integer("workers", in: 1...64) ?? server.workers
        server.sessions = try keys.integer("sessions", in: 1...100_000) ?? server.sessions
        server.sessionsPerAddress =
            try keys.integer("sessionsPerAddress", in: 1...100_000) ?? server.sessionsPerAddress
        server.sessionsPerSender =
            try keys.integer("sessionsPerSender", in: 1...100_000) ?? server.sessionsPerSender
        server.handlesPerSession =
            try keys.integer("handlesPerSession", in: 1...4096) ?? server.handlesPerSession
        server.handlesPerSender =
            try keys.integer("handlesPerSender", in: 1...100_000) ?? server.handlesPerSender
        server.authenticationTime =
            try keys.duration("authenticationTime", in: 1...3600) ?? server.authenticationTime
        server.idleTime = try keys.duration("idleTime", in: 1...86_400) ?? server.idleTime
        try readPenalties(keys, into: &penalty)
        server.penalty = penalty
        try keys.close()
        sftp = listen == "off" ? nil : server
    }

    private func readPenalties(_ keys: StrictMapping, into policy: inout PenaltyPolicy)
        throws(ConfigurationFault)
    {
        policy.isOn =
            try keys.choice("penalties", ["on": true, "off": false, "true": true, "false": false])
            ?? policy.isOn
        policy.freeFailures = try keys.integer("penaltyFree", in: 0...1000) ?? policy.freeFailures
        policy.userFailures = try keys.integer("penaltyUser", in: 0...100_000) ?? policy.userFailures
        policy.first = try keys.duration("penaltyFirst", in: 0.001...3600) ?? policy.first
        policy.longest = try keys.duration("penaltyLongest", in: 0.001...86_400) ?? policy.longest
        policy.forgetting = try keys.duration("penaltyForgetting", in: 0.001...86_400) ?? policy.forgetting
        policy.exempt = Set(try keys.strings("penaltyExempt") ?? [])
        if let stray = policy.exempt.sorted().first(where: { !Configuration.isAddress($0) }) {
            throw keys.fault("penaltyExempt", "addresses are wanted, not '\(stray)'")
        }
    }

    /// Splits `host:port`, `[v6]:port`.
    static func address(_ text: String) -> (String, Int)? {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65_535).contains(port)
        else { return nil }
        let host = text[..<colon].trimmingCharacters(in: ["[", "]"])
        return host.isEmpty ? nil : (host, port)
    }

    /// Whether it is an IPv4 or IPv6 address in numbers.
    static func isAddress(_ text: String) -> Bool {
        var bytes = in6_addr()
        return [AF_INET, AF_INET6].contains { inet_pton($0, text, &bytes) == 1 }
    }

    private mutating func readFolder(_ keys: StrictMapping) throws(ConfigurationFault) {
        let interval = try keys.duration("interval", in: 0.01...3600) ?? 0.5
        if let root = try keys.string("root"), root != "off", root != "false" {
            folder = (resolved(root), interval)
        }
        try keys.close()
    }

    private mutating func readLimits(_ keys: StrictMapping) throws(ConfigurationFault) {
        policy.fileSize = try keys.size("file") ?? policy.fileSize
        policy.setSize = try keys.size("set") ?? policy.setSize
        limits.fileSize = policy.setSize
        guard policy.fileSize <= policy.setSize else {
            throw keys.fault("file", "one file may not be larger than a set")
        }
        limits.bytesPerSender = try keys.size("unsealedPerSender") ?? limits.bytesPerSender
        guard limits.bytesPerSender >= policy.setSize else {
            throw keys.fault("unsealedPerSender", "a sender needs room for one set at the least")
        }
        let byPurpose = try keys.mapping("fileByPurpose")
        for purpose in byPurpose.keys {
            guard Purpose(purpose) != nil else {
                throw byPurpose.fault(purpose, "not a purpose of four capitals")
            }
            let size = try byPurpose.size(purpose)
            guard size ?? 0 <= policy.setSize else {
                throw byPurpose.fault(purpose, "one file may not be larger than a set")
            }
            policy.fileSizeByPurpose[purpose] = size
        }
        limits.filesPerMailbox =
            try keys.integer("filesPerDirectory", in: 1...1_000_000) ?? limits.filesPerMailbox
        limits.consignmentsPerSender =
            try keys.integer("begunSetsPerSender", in: 1...1_000_000) ?? limits.consignmentsPerSender
        limits.refusedPerSecond = try readRefusals(keys)
        limits.freeFloor = try keys.size("freeSpace") ?? limits.freeFloor
        try keys.close()
    }

    /// Nil without a limit.
    private func readRefusals(_ keys: StrictMapping) throws(ConfigurationFault) -> Double? {
        switch try keys.string("refusedPerSecond") {
        case nil: limits.refusedPerSecond
        case "off", "false": nil
        default: try keys.integer("refusedPerSecond", in: 1...10_000).map(Double.init)
        }
    }

    private mutating func readPolicy(_ keys: StrictMapping) throws(ConfigurationFault) {
        if let age = try keys.duration("dateAge", in: 0...315_360_000) {
            guard age.truncatingRemainder(dividingBy: 86_400) == 0 else {
                throw keys.fault("dateAge", "whole days are wanted, such as 30 d")
            }
            policy.dateAge = Int(age / 86_400)
        }
        policy.parts = try keys.integer("parts", in: 1...9) ?? policy.parts
        limits.incompleteDelay =
            try keys.duration("incompleteDelay", in: 0.1...31_536_000) ?? limits.incompleteDelay
        limits.earlyTriggerWait =
            try keys.duration("earlyTriggerWait", in: 0...86_400) ?? limits.earlyTriggerWait
        policy.testNeedsSignature =
            try keys.choice("testSignature", ["required": true, "optional": false])
            ?? policy.testNeedsSignature
        policy.simulationRefusesSignature =
            try keys.choice("simulationSignature", ["ignored": false, "refused": true])
            ?? policy.simulationRefusesSignature
        signaturePolicy.allowsSHA1 =
            try keys.choice("sha1", ["refused": false, "allowed": true]) ?? signaturePolicy.allowsSHA1
        try keys.close()
    }

    private mutating func readReceipts(_ keys: StrictMapping) throws(ConfigurationFault) {
        receiptKey = resolved(try keys.string("key") ?? "keys/receipt.key")
        receiptCertificate = resolved(try keys.string("certificate") ?? "keys/receipt.pem")
        limits.answerRetention = try keys.duration("retention", in: 1...315_360_000) ?? limits.answerRetention
        try keys.close()
    }

    private mutating func readSpool(_ keys: StrictMapping) throws(ConfigurationFault) {
        limits.syncThreads = try keys.integer("syncThreads", in: 1...256) ?? limits.syncThreads
        limits.sweepInterval = try keys.duration("sweepInterval", in: 0.05...86_400) ?? limits.sweepInterval
        limits.heldRetention = try keys.duration("heldRetention", in: 0...315_360_000) ?? limits.heldRetention
        limits.consignmentRetention =
            try keys.duration("begunSetRetention", in: 1...315_360_000) ?? limits.consignmentRetention
        limits.markRetention =
            try keys.duration("handoverRetention", in: 60...315_360_000) ?? limits.markRetention
        try keys.close()
    }

    private mutating func readWork(_ keys: StrictMapping) throws(ConfigurationFault) {
        deciding = try keys.integer("deciding", in: 1...64) ?? deciding
        // One thread is left for the others, whoever has much that takes long.
        limits.decisionsPerSender = max(1, deciding - 1)
        delivering = try keys.integer("delivering", in: 1...64) ?? delivering
        if let longest = try keys.duration("longestPause", in: 1...86_400) {
            pauses = RetryPauses(longest: longest)
        }
        workers = try readWorkers(keys)
        workerUser = try keys.string("workerUser") ?? workerUser
        try keys.close()
    }

    private func readWorkers(_ keys: StrictMapping) throws(ConfigurationFault) -> WorkerSettings? {
        var settings = WorkerSettings()
        settings.count = max(settings.count, min(ProcessInfo.processInfo.activeProcessorCount, 64))
        settings.memory = try keys.size("workerMemory") ?? settings.memory
        guard (67_108_864...1_099_511_627_776).contains(settings.memory) else {
            throw keys.fault("workerMemory", "64 MiB to 1024 GiB is wanted")
        }
        settings.time = try keys.duration("workerTime", in: 1...86_400) ?? settings.time
        switch try keys.string("workers") ?? "auto" {
        case "auto": break
        case "off", "false": return nil
        default: settings.count = try keys.integer("workers", in: 1...64) ?? settings.count
        }
        return settings
    }

    /// Where a destination is.
    enum Place {
        case directory(String)
        /// A path at a server of the section `servers`.
        case server(ServerEntry, path: String)
    }

    private mutating func readServers(_ keys: StrictMapping) throws(ConfigurationFault) {
        for name in keys.keys {
            servers[name] = try ServerEntry(name, keys.mapping(name), resolved: resolved)
        }
        try keys.close()
    }

    private mutating func readInboxes(_ keys: StrictMapping) throws(ConfigurationFault) {
        for name in keys.keys {
            let mapping = try keys.mapping(name)
            let inbox = try InboxEntry(name, mapping, servers: servers)
            if let other = inboxes.first(where: { $0.shares(with: inbox) }) {
                throw mapping.fault(
                    "senders",
                    "the inbox \(other.name) is for some of the same senders; one inbox answers a sender")
            }
            if let other = inboxes.first(where: { $0.coincides(with: inbox) }) {
                throw mapping.fault(
                    "home", "the inbox \(other.name) looks into the same directory of the same account")
            }
            inboxes.append(inbox)
        }
        try keys.close()
    }

    private mutating func readWeb(_ keys: StrictMapping) throws(ConfigurationFault) {
        let entry = try WebEntry(keys, resolved: resolved)
        try keys.close()
        web = entry
    }

    private mutating func readDestinations(_ keys: StrictMapping) throws(ConfigurationFault) {
        for application in keys.keys {
            let destination = try keys.mapping(application)
            destinations.append(
                (application, try place("real", destination), try place("test", destination)))
            try destination.close()
        }
        try keys.close()
    }

    private func place(_ key: String, _ destination: StrictMapping) throws(ConfigurationFault) -> Place? {
        guard let text = try destination.string(key) else { return nil }
        guard let colon = text.firstIndex(of: ":"), !text[..<colon].contains("/") else {
            return .directory(resolved(text))
        }
        guard let server = servers[String(text[..<colon])] else {
            throw destination.fault(
                key,
                "there is no server '\(text[..<colon])' in the section servers; a directory with a colon in its "
                    + "name is written with ./ before it")
        }
        return .server(server, path: String(text[text.index(after: colon)...]))
    }

    private mutating func readLog(_ keys: StrictMapping) throws(ConfigurationFault) {
        logLevel =
            try keys.choice(
                "level",
                [
                    "trace": .trace, "debug": .debug, "info": .info, "notice": .notice, "warning": .warning,
                    "error": .error,
                ])
            ?? logLevel
        try keys.close()
    }
}
