public import Exchange

/// A set ready to be sent: everything that goes to the server, in the order it goes there, and the GO after it.
public struct OutgoingSet: Sendable, Hashable {
    public let name: SetName
    /// FI and FS files.
    public let files: [OutgoingFile]
    /// The name of the GO; its content is empty.
    public let trigger: FileName

    public init(name: SetName, files: [OutgoingFile], trigger: FileName) {
        self.name = name
        self.files = files
        self.trigger = trigger
    }

    /// All files together, in bytes.
    public var size: UInt64 { files.reduce(0) { $0 + $1.size } }

    /// Where the set is put.
    public var mailbox: Mailbox { name.environment.mailbox }

    /// The names a receipt about this set may have: that of the GO, or of the file that was wrong, cut at 64 characters.
    var receiptNames: [String] { ([trigger] + files.map(\.name)).map { String($0.escaped.prefix(64)) } }

    /// Whether a receipt that names `fileName` is about this set.
    func isNamed(by fileName: String) -> Bool { receiptNames.contains(fileName) }

    /// Whether its FI files lie on disk as they did at a time, in whole seconds since 1970.
    func isUnchanged(since time: Double) -> Bool {
        files.allSatisfy { file in
            guard file.name.bytes.starts(with: Array("FI".utf8)) else { return true }
            guard let modifiedAt = file.modifiedAt else { return false }
            return modifiedAt.rounded(.down) <= time
        }
    }
}
