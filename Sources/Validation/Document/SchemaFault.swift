/// Why a directory of schemas cannot be used. Told to the operator, never to a sender.
public enum SchemaFault: Error, Sendable, Hashable {
    case directoryMissing(String)
    case noSchemas(String)
    case unreadable(file: String, sentence: String)
    /// Not well-formed, or no schema. `line` counts from 1; 0 when it is not known.
    case invalid(file: String, line: Int, sentence: String)
    /// The file, or something it includes or imports, lies outside the directory.
    case outsideCatalogue(file: String, reference: String)

    /// One English sentence for the operator.
    public var sentence: String {
        switch self {
        case .directoryMissing(let directory): "there is no directory of schemas at \(directory)"
        case .noSchemas(let directory): "no schema (*.xsd) lies in \(directory)"
        case .unreadable(let file, let sentence): "the schema \(file) cannot be read: \(sentence)"
        case .invalid(let file, 0, let sentence): "the schema \(file) is not usable: \(sentence)"
        case .invalid(let file, let line, let sentence):
            "the schema \(file) is not usable, line \(line): \(sentence)"
        case .outsideCatalogue(let file, let reference):
            "the schema \(file) refers to \(reference), which is not a file of the same directory"
        }
    }
}
