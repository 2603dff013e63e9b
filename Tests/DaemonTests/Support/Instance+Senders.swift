import Foundation

// Senders, enrolled with the commands an access manager uses.
extension Instance {
    /// A new sender with one channel.
    ///
    /// - Parameters:
    ///   - index: of the number, when it must be a certain one.
    ///   - issuer: of the certificate; the instance's own authority unless told.
    ///   - signatory: in place of a new one.
    func enrol(
        _ applications: [String] = ["dimona", "dmfa"], channel: String = "sftp", index given: Int? = nil,
        of issuer: Authority? = nil, signatory: Signatory? = nil
    ) throws -> Sender {
        let index = given ?? nextSender()
        let number = "00\(index)"
        let user = "EXPs\(index)"
        try must(
            "sender", "add", "--number", number, "--user", user, "--name", "Sender \(index)", "--enterprise",
            Instance.enterprise(index))
        let identity = try key(named: user)
        let sender = Sender(
            number: number, user: user, identity: identity,
            signatory: try signatory ?? (issuer ?? authority).issue(to: "Signatory \(index)"))
        try open(channel, of: sender, applications)
        return sender
    }

    /// Opens a channel for a sender, with its certificate and, where one is wanted, its SSH key.
    func open(_ channel: String, of sender: Sender, _ applications: [String]) throws {
        let certificate = try scratch.write(sender.signatory.pem, to: "\(sender.user).pem")
        let key = channel == "sftp" ? ["--key", sender.identity + ".pub"] : []
        let run = try Program.run(
            Built.ecluse(),
            ["sender", "channel", "add", sender.number, channel, "--certificate", certificate] + key
                + (channel == "ftp" ? ["--password-stdin"] : [])
                + applications.flatMap { ["--application", $0] } + ["--config", configuration],
            input: channel == "ftp" ? "Correct-Horse-1-Battery\n" : "")
        guard run.status == 0 else { throw Program.Fault(description: "channel not opened: \(run.errors)") }
    }

    /// A new SSH key pair; returns the path of the private key.
    func key(named name: String, _ kind: [String] = ["-t", "ed25519"]) throws -> String {
        let path = scratch.file("\(name).key")
        try Program.need("ssh-keygen", ["-q"] + kind + ["-N", "", "-C", name, "-f", path])
        return path
    }

    /// A company number that is valid by rule (domain 5.5).
    static func enterprise(_ index: Int) -> String {
        let stem = 4_010_000 + index
        let check = 97 - stem % 97
        return "0\(stem)" + (check < 10 ? "0\(check)" : "\(check)")
    }
}

// What an operator sees.
extension Instance {
    /// `queue list --all`, the sets of one sender or of all.
    func queue(of sender: Sender? = nil) throws -> [[String: Any]] {
        try must("queue", "list", "--all", "--json").objects().filter {
            sender == nil || $0["sender"] as? String == sender?.number
        }
    }

    /// The tickets of what was delivered, with the set's name in each manifest.
    func delivered(to destination: String = "real") throws -> [String: String] {
        var delivered: [String: String] = [:]
        for ticket in names(in: path("destinations/\(destination)")) where !ticket.hasPrefix(".") {
            delivered[ticket] = try manifest(of: ticket, in: destination)["name"] as? String
        }
        return delivered
    }

    /// How often a set of this name was delivered.
    func deliveries(of set: FileSet, to destination: String = "real") throws -> Int {
        try delivered(to: destination).values.filter { $0 == set.trigger.name }.count
    }

    func manifest(of ticket: String, in destination: String = "real") throws -> [String: Any] {
        let data = try bytes(of: path("destinations/\(destination)/\(ticket)/manifest.json"))
        let value = try JSONSerialization.jsonObject(with: Data(data))
        guard let object = value as? [String: Any] else { throw Program.Fault(description: "no manifest") }
        return object
    }
}
