public import Exchange

/// The FI files of one set, found on disk.
public struct DeclarationSet: Sendable, Hashable {
    public let name: SetName
    /// By part number.
    public let declarations: [Declaration]

    public struct Declaration: Sendable, Hashable {
        public let name: FileName
        public let path: String
        /// In bytes.
        public let size: UInt64

        /// The name of the FS that signs it.
        public var signatureName: FileName? { FileName(Array("FS".utf8) + name.bytes.dropFirst(2)) }

        /// Where that FS lies when it is there.
        public var signaturePath: String {
            let folder = path.lastIndex(of: "/").map { path[...$0] } ?? ""
            return folder + "FS" + name.escaped.dropFirst(2)
        }
    }
}
