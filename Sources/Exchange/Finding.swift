/// One thing that is wrong with a set, as told to the sender and shown by `explain`.
public struct Finding: Sendable, Hashable, Codable {
    public let code: ReceptionCode
    /// The file at fault, when one is.
    public let file: FileName?
    /// Where in the document, when it is the document.
    public let place: Place?
    /// One English sentence with the particulars. It never holds the peer's bytes unescaped.
    public let detail: String

    /// A place in an XML document.
    public struct Place: Sendable, Hashable, Codable {
        /// Counted from 1.
        public let line: Int
        /// Counted from 1.
        public let column: Int
        /// Element names from the root, such as `/Dimona/Form[2]/DimonaIn`.
        public let path: String

        public init(line: Int, column: Int, path: String) {
            self.line = line
            self.column = column
            self.path = path
        }
    }

    public init(_ code: ReceptionCode, file: FileName? = nil, place: Place? = nil, detail: String) {
        self.code = code
        self.file = file
        self.place = place
        self.detail = detail
    }
}
