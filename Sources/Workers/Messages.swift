internal import Exchange
internal import Foundation
internal import Validation

/// What the daemon says to a worker.
enum WorkerOrder: Codable {
    /// The first one.
    case confine(Confinement)
    /// Documents are judged by these schemas from now on.
    case schemas([String: Data])
    /// Certificates are judged by these from now on.
    case trust(TrustMaterial)
    /// With two open files: the payload and its signature.
    case verify(VerifyOrder)
    /// With one open file: the document.
    case check(CheckOrder)
    /// To a question.
    case status(CertificateStatus?)
    /// The status cannot be read.
    case noStatus(Deferral)
}

struct VerifyOrder: Codable {
    let payload: FileName
    let signature: FileName
    /// DER of the certificates.
    let registered: [Data]
    let time: Date
    let policy: SignaturePolicy
}

struct CheckOrder: Codable {
    let document: FileName
    let rule: PurposeRule
    let limits: DocumentLimits
}

/// What a worker says. To the daemon these are a stranger's bytes.
enum WorkerWord: Codable {
    case confined(Confinement.Report)
    /// It has the schemas or authorities it was told.
    case told
    /// What a responder said of a certificate is wanted before the verdict.
    case question(StatusQuestion)
    case verified(VerifiedSignature)
    case checked(CheckedDocument)
    case refused([Finding])
    case deferred(Deferral)
}

struct StatusQuestion: Codable {
    let certificate: Digest
    let serial: String
    let authority: Digest
}

extension FrameSocket {
    /// Of an order: schemas and revocation lists are the largest.
    static let orderLimit = 256 * 1_048_576
    /// Of a worker's word: a hundred findings are the largest.
    static let wordLimit = 8 * 1_048_576
}
