internal import Exchange
internal import Foundation

/// What a client says of a file it creates (tus 1.0, Upload-Metadata): keys, and values in base64. Only the name is
/// read.
struct UploadMetadata {
    let fileName: FileName

    init(fileName: FileName) {
        self.fileName = fileName
    }

    /// Nil unless there is exactly one `filename`, and it is a name.
    init?(_ field: String) {
        let pairs = field.split(separator: ",").map { $0.trimmed.split(separator: " ") }
        let names = pairs.filter { $0.first == "filename" }
        guard names.count == 1, names[0].count == 2, let bytes = Data(base64Encoded: String(names[0][1])),
            let name = FileName(bytes)
        else { return nil }
        fileName = name
    }

    var field: String { "filename " + Data(fileName.bytes).base64EncodedString() }
}
