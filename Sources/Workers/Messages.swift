internal import Exchange
internal import Foundation
internal import Validation

/// What the daemon says to a worker.
enum WorkerOrder {
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

struct VerifyOrder {
    let payload: FileName
    let signature: FileName
    /// DER of the certificates.
    let registered: [Data]
    let time: Date
    let policy: SignaturePolicy
}

struct CheckOrder {
    let document: FileName
    let rule: PurposeRule
    let limits: DocumentLimits
}

/// What a worker says. To the daemon these are a stranger's bytes.
enum WorkerWord {
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

extension WorkerOrder: Wired {
    private enum Kind: Int, Wired { case confine, schemas, trust, verify, check, status, noStatus }

    func write(to wire: inout WireWriter) {
        func write(_ kind: Kind, _ value: some Wired) {
            wire.write(kind)
            wire.write(value)
        }
        switch self {
        case .confine(let confinement): write(.confine, confinement)
        case .schemas(let texts): write(.schemas, texts)
        case .trust(let material): write(.trust, material)
        case .verify(let order): write(.verify, order)
        case .check(let order): write(.check, order)
        case .status(let status): write(.status, status)
        case .noStatus(let deferral): write(.noStatus, deferral)
        }
    }

    init(from wire: inout WireReader) throws {
        self =
            switch try wire.read(Kind.self) {
            case .confine: .confine(try wire.read())
            case .schemas: .schemas(try wire.read())
            case .trust: .trust(try wire.read())
            case .verify: .verify(try wire.read())
            case .check: .check(try wire.read())
            case .status: .status(try wire.read())
            case .noStatus: .noStatus(try wire.read())
            }
    }
}

extension VerifyOrder: Wired {
    func write(to wire: inout WireWriter) {
        wire.write(payload)
        wire.write(signature)
        wire.write(registered)
        wire.write(time)
        wire.write(policy)
    }

    init(from wire: inout WireReader) throws {
        self.init(
            payload: try wire.read(), signature: try wire.read(), registered: try wire.read(),
            time: try wire.read(), policy: try wire.read())
    }
}

extension CheckOrder: Wired {
    func write(to wire: inout WireWriter) {
        wire.write(document)
        wire.write(rule)
        wire.write(limits)
    }

    init(from wire: inout WireReader) throws {
        self.init(document: try wire.read(), rule: try wire.read(), limits: try wire.read())
    }
}

extension WorkerWord: Wired {
    private enum Kind: Int, Wired { case confined, told, question, verified, checked, refused, deferred }

    func write(to wire: inout WireWriter) {
        func write(_ kind: Kind, _ value: some Wired) {
            wire.write(kind)
            wire.write(value)
        }
        switch self {
        case .confined(let report): write(.confined, report)
        case .told: wire.write(Kind.told)
        case .question(let question): write(.question, question)
        case .verified(let evidence): write(.verified, evidence)
        case .checked(let evidence): write(.checked, evidence)
        case .refused(let findings): write(.refused, findings)
        case .deferred(let deferral): write(.deferred, deferral)
        }
    }

    init(from wire: inout WireReader) throws {
        self =
            switch try wire.read(Kind.self) {
            case .confined: .confined(try wire.read())
            case .told: .told
            case .question: .question(try wire.read())
            case .verified: .verified(try wire.read())
            case .checked: .checked(try wire.read())
            case .refused: .refused(try wire.read())
            case .deferred: .deferred(try wire.read())
            }
    }
}

extension FrameSocket {
    /// Of an order: schemas and revocation lists are the largest.
    static let orderLimit = 256 * 1_048_576
    /// Of a worker's word: a hundred findings are the largest.
    static let wordLimit = 8 * 1_048_576
}
