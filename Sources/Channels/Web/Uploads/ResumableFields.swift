internal import HTTPTypes

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
