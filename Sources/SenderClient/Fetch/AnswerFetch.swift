public import Channels
public import Exchange
internal import Foundation
public import Validation

/// Fetches complete answers into a directory: each is verified, made durable, and only then removed at the server.
///
/// What is here is never replaced by another answer of the same name, such as two receivers give, and nothing is
/// removed at the server before it was fetched and compared with what is here.
public struct AnswerFetch: Sendable {
    /// What is fetched, where it is put, and what is believed.
    public struct Settings: Sendable {
        /// Made when missing.
        public var directory: String
        /// Whose signatures on answers are believed.
        public var trust = ReceiptSignature.Trust.none
        /// Answers that are durable here are removed at the server.
        public var isRemoving = false
        public var mailboxes: [Mailbox] = [.outgoing, .outgoingTest, .outgoingSimulation]
        /// Seconds without any progress after which a broken connection is not made again.
        public var patience = 120.0

        public init(directory: String) {
            self.directory = directory
        }
    }

    /// Bytes of a signature at the most.
    private static let longestSignature = 1_048_576

    private let settings: Settings
    private let source: @Sendable () -> any AnswerSource

    /// From a file server or a folder.
    ///
    /// - Parameters:
    ///   - home: where OUT and its siblings lie; nil for where the log-in begins.
    ///   - note: told in words when a connection is made again.
    public init(
        from server: any RemoteServer, as logIn: RemoteLogIn, home: RemotePath?, settings: Settings,
        note: @escaping @Sendable (String) -> Void
    ) {
        self.init(settings) {
            let link = Link(to: server, as: logIn, patience: settings.patience, timing: .system, note: note)
            return FileAnswerSource(link, at: MailboxPaths(home: home), mailboxes: settings.mailboxes)
        }
    }

    init(_ settings: Settings, source: @escaping @Sendable () -> any AnswerSource) {
        self.settings = settings
        self.source = source
    }

    /// Why nothing was fetched at all.
    public enum Fault: Error, Sendable, CustomStringConvertible {
        case server(RemoteFault)
        case local(LocalFault)

        public var description: String {
            switch self {
            case .server(let fault): fault.clause
            case .local(let fault): fault.description
            }
        }

        /// The exit status (design section 7).
        public var status: Int32 {
            switch self {
            case .server(let fault): SetVerdict(fault, mayBeComplete: false).status
            case .local: 1
            }
        }
    }

    /// Blocks its thread until every answer that was offered when it began is dealt with.
    ///
    /// - Parameter settled: told of each answer as soon as it is dealt with.
    public func run(settled: (FetchedAnswer) -> Void) throws(Fault) -> [FetchedAnswer] {
        let local: LocalAnswers
        do {
            local = try LocalAnswers(at: settings.directory)
        } catch {
            throw .local(error)
        }
        let source = source()
        var fetched: [FetchedAnswer] = []
        do throws(RemoteFault) {
            for answer in try source.offered() {
                let outcome = try fetch(answer, source, local)
                settled(outcome)
                fetched.append(outcome)
            }
            if settings.isRemoving {
                try source.sweep { (file, rest) throws(RemoteFault) in
                    try isHere(file, of: rest, source, local)
                }
            }
        } catch {
            throw .server(error)
        }
        return fetched
    }

    /// - Throws: what ends the connection for good.
    private func fetch(
        _ answer: OfferedAnswer, _ source: any AnswerSource, _ local: LocalAnswers
    ) throws(RemoteFault) -> FetchedAnswer {
        var outcome = FetchedAnswer.Outcome.alreadyThere
        var remark: String?
        if settings.isRemoving || answer.awaitsWord || !local.seemsToHold(answer) {
            outcome = try store(answer, source, local)
            switch outcome {
            case .fetched, .alreadyThere:
                do {
                    try source.settle(answer, isRemoving: settings.isRemoving)
                } catch {
                    remark = "it could not be removed at the server: \(error.clause)"
                }
            case .notBelieved, .failed: break
            }
        }
        return FetchedAnswer(
            documents: answer.parts.map(\.document.text), mailbox: answer.mailbox, outcome: outcome,
            content: content(answer, outcome, local),
            remark: remark)
    }

    private func store(
        _ answer: OfferedAnswer, _ source: any AnswerSource, _ local: LocalAnswers
    ) throws(RemoteFault) -> FetchedAnswer.Outcome {
        do {
            var proofs: [ReceiptSignature] = []
            var files: [(file: TemporaryFile, name: String)] = []
            for part in answer.parts {
                let document = try local.temporary(part.document.text)
                try source.read(part.document, of: answer, restart: document.empty, take: document.write)
                let bytes = try bytes(ofSignature: part, of: answer, source)
                proofs.append(try proof(bytes, over: document, as: part.document, local))
                let signature = try local.temporary(part.signature.text)
                try bytes.withUnsafeBytes { try signature.write($0) }
                files += [(document, part.document.text), (signature, part.signature.text)]
            }
            guard local.isWhole(answer) else {
                try local.publish(files, trigger: answer.trigger.text)
                return .fetched(proofs)
            }
            guard files.allSatisfy({ local.holds($0.file, as: $0.name) }) else {
                return .failed(
                    "another answer of that name is in \(settings.directory); fetch this one into another directory",
                    mayMend: false)
            }
            return .alreadyThere
        } catch let fault as RemoteFault {
            if let local = fault.cause as? LocalFault { return .failed(local.description, mayMend: false) }
            guard fault.breaksConnection else {
                return .failed(fault.clause, mayMend: fault.kind == .noSuchFile)
            }
            throw fault
        } catch let fault as ReceiptSignatureFault {
            return .notBelieved(fault.sentence)
        } catch let fault as ZippedDocument.Fault {
            return .notBelieved("It is not over the archive, nor over one document in it: \(fault.clause).")
        } catch {
            return .failed("\(error)", mayMend: false)
        }
    }

    private func bytes(
        ofSignature part: AnswerPart, of answer: OfferedAnswer, _ source: any AnswerSource
    ) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try source.read(part.signature, of: answer, restart: { bytes = [] }) { piece in
            guard bytes.count + piece.count <= AnswerFetch.longestSignature else {
                throw LocalFault("the signature has more than \(AnswerFetch.longestSignature) bytes")
            }
            bytes.append(contentsOf: piece)
        }
        return bytes
    }

    /// The signature is over the document; that of an archive over the archive, or over the document in it.
    private func proof(
        _ signature: [UInt8], over file: TemporaryFile, as name: AnswerName, _ local: LocalAnswers
    ) throws -> ReceiptSignature {
        func verify(_ file: TemporaryFile) throws(ReceiptSignatureFault) -> ReceiptSignature {
            try ReceiptSignature.verify(signature, overFileAt: file.path, trust: settings.trust, at: Date())
        }
        guard name.kind == .archive else { return try verify(file) }
        if let proof = try? verify(file) { return proof }
        let document = try local.temporary(name.text(of: .document))
        try ZippedDocument(at: file.path).unpack { try document.write($0) }
        return try verify(document)
    }

    /// Whether a file that an interrupted removal may have left at the server is here byte for byte.
    private func isHere(
        _ name: AnswerName, of rest: OfferedAnswer, _ source: any AnswerSource, _ local: LocalAnswers
    ) throws(RemoteFault) -> Bool {
        guard local.seemsToHold(rest) else { return false }
        do {
            let file = try local.temporary(name.text)
            try source.read(name, of: rest, restart: file.empty, take: file.write)
            return local.holds(file, as: name.text)
        } catch {
            if let fault = error as? RemoteFault, fault.breaksConnection, !(fault.cause is LocalFault) {
                throw fault
            }
            return false
        }
    }

    private func content(
        _ answer: OfferedAnswer, _ outcome: FetchedAnswer.Outcome, _ local: LocalAnswers
    ) -> AnswerContent? {
        guard case .fetched = outcome, answer.files.count == 2, answer.files[0].kind == .document,
            let handle = FileHandle(forReadingAtPath: local.place(of: answer.files[0].text)),
            let bytes = try? handle.read(upToCount: AnswerXML.longest + 1), bytes.count <= AnswerXML.longest
        else { return nil }
        return AnswerContent(of: answer.trigger, Array(bytes))
    }
}
