internal import Exchange
internal import Foundation
internal import HTTPTypes

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

extension UInt64 {
    /// Nil unless `digits` is nothing but digits, and not too many.
    init?(digits: String) {
        guard digits.utf8.allSatisfy(\.isDigit) else { return nil }
        self.init(digits)
    }
}

extension HTTPField.Name {
    static let tusResumable = known("Tus-Resumable")
    static let tusVersion = known("Tus-Version")
    static let tusExtension = known("Tus-Extension")
    static let tusMaxSize = known("Tus-Max-Size")
    static let tusChecksumAlgorithm = known("Tus-Checksum-Algorithm")
    static let uploadOffset = known("Upload-Offset")
    static let uploadLength = known("Upload-Length")
    static let uploadMetadata = known("Upload-Metadata")
    static let uploadChecksum = known("Upload-Checksum")
    static let uploadExpires = known("Upload-Expires")
}

extension ProblemKind {
    static let tusVersion = ProblemKind(
        "tus-version", .preconditionFailed, "The version of tus is not one we speak",
        mend: "Send Tus-Resumable with the version that Tus-Version names.")
    /// Status 460 is that of tus 1.0, extension checksum.
    static let checksumMismatch = ProblemKind(
        "checksum-mismatch", HTTPResponse.Status(code: 460, reasonPhrase: "Checksum Mismatch"),
        "The bytes are not those that were announced",
        mend: "Send the piece again from the same offset: its bytes changed on their way, and were not kept.")
}
