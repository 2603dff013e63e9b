/// Something that reads bytes of strangers, and what is promised of it whatever the bytes.
struct FuzzTarget: Sendable {
    /// As given on the command line.
    let name: String
    /// Bytes of an input at the most.
    let longest: Int
    /// Inputs to begin with, beside the files of the repository that the script adds.
    var seeds: @Sendable () throws -> [[UInt8]] = { [] }
    /// Makes sure, once, that something sound is accepted: otherwise nothing would be proven of what is.
    var prepare: @Sendable () -> Void = {}
    /// Ends the process when a promise is broken.
    let prove: @Sendable ([UInt8]) -> Void

    static let all = [
        applications, certificates, characters, configuration, documents, fields, ftpListings, ftpReplies,
        manifests, messages, multipart, names, revocationLists, sftpPackets, sftpQueries, sftpReplies,
        signatures, signatureText, sshKeys, statusAnswers, tokens, workerWords,
    ]
}

extension [[UInt8]] {
    init(texts: String...) { self = texts.map { [UInt8]($0.utf8) } }
}
