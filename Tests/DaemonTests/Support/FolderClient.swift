import Exchange
import Foundation

/// A sender whose files come by way of a folder: a watched one, or one that another server shows the daemon.
struct FolderClient: SenderChannel {
    let instance: Instance
    let sender: Sender

    private let home: String

    private func path(_ mailbox: Mailbox, _ name: String = "") -> String {
        "\(home)/\(mailbox.rawValue)/\(name)"
    }

    /// Waits for the directories: the daemon makes them.
    init(_ instance: Instance, _ sender: Sender) throws {
        self.init(instance, sender, home: instance.path("folder/\(sender.number)"))
        let last = path(.outgoingSimulation)
        guard eventually(within: 120, { FileManager.default.fileExists(atPath: last) }) else {
            throw Program.Fault(description: "the folders of \(sender.number) were not made")
        }
    }

    /// - Parameter home: where the six directories are already.
    init(_ instance: Instance, _ sender: Sender, home: String) {
        self.instance = instance
        self.sender = sender
        self.home = home
    }

    /// Each file appears whole: a GO may be there before it.
    func put(_ files: [File], in mailbox: Mailbox) throws {
        for file in files {
            try Data(file.bytes).write(to: URL(fileURLWithPath: path(mailbox, file.name)), options: .atomic)
        }
    }

    func putHalf(of file: File, in mailbox: Mailbox) throws {
        try put([File(name: file.name, bytes: Array(file.bytes.prefix(file.bytes.count / 2)))], in: mailbox)
    }

    func rename(_ name: String, to newName: String, in mailbox: Mailbox) throws {
        guard Foundation.rename(path(mailbox, name), path(mailbox, newName)) == 0 else {
            throw Program.Fault(description: "not renamed: \(name)")
        }
    }

    func list(_ mailbox: Mailbox) throws -> [String] {
        names(in: path(mailbox)).filter { !$0.hasPrefix(".") }
    }

    func get(_ name: String, from mailbox: Mailbox) throws -> [UInt8] {
        try bytes(of: path(mailbox, name))
    }

    func remove(_ name: String, in mailbox: Mailbox) throws {
        try FileManager.default.removeItem(atPath: path(mailbox, name))
    }
}
