internal import Exchange
internal import Foundation
public import Validation

/// Where the signatures of sets come from.
public enum SetSigning: Sendable {
    /// The FS files beside the FI files.
    case beside
    /// The same, and a signature made here for each FI that has none.
    case missing(DocumentSigner)
    /// Signatures made here for all, whatever lies beside.
    case all(DocumentSigner)

    /// The largest FS taken, in bytes.
    private static let largest = 1_048_576

    /// The set with its FS files: all FI first, then all FS. A signature made here is not written to disk. In
    /// simulation only what lies beside is sent, and nothing signed: a receiver may refuse signatures there (domain
    /// 1.3).
    ///
    /// - Throws: a sentence, when a set for the real circuit has no signature, an FS cannot be read, or signing fails.
    public func outgoing(_ set: DeclarationSet) throws(LocalFault) -> OutgoingSet {
        guard let trigger = set.name.triggerName else { throw LocalFault("a set without a name for its GO") }
        var files = set.declarations.map {
            OutgoingFile(name: $0.name, content: .file(path: $0.path, size: $0.size))
        }
        for declaration in set.declarations {
            guard let name = declaration.signatureName,
                let bytes = try signature(of: declaration, in: set.name)
            else {
                continue
            }
            files.append(OutgoingFile(name: name, content: .bytes(bytes)))
        }
        return OutgoingSet(name: set.name, files: files, trigger: trigger)
    }

    private func signature(
        of declaration: DeclarationSet.Declaration, in set: SetName
    ) throws(LocalFault) -> [UInt8]? {
        let isSimulation = set.environment == .simulation
        let beside = FileManager.default.fileExists(atPath: declaration.signaturePath)
        switch self {
        case .all(let signer) where !isSimulation: return try sign(declaration, signer)
        case .missing(let signer) where !isSimulation && !beside: return try sign(declaration, signer)
        case .beside, .missing, .all:
            if beside { return try read(declaration.signaturePath) }
            guard set.environment != .real else {
                throw LocalFault("\(declaration.name) has no FS beside it; give a key to have it signed")
            }
            return nil
        }
    }

    private func sign(
        _ declaration: DeclarationSet.Declaration, _ signer: DocumentSigner
    ) throws(LocalFault) -> [UInt8] {
        do throws(CertificateFault) {
            return try signer.signFile(at: declaration.path, time: Date())
        } catch {
            throw LocalFault("\(declaration.name) cannot be signed: \(error.sentence)")
        }
    }

    private func read(_ path: String) throws(LocalFault) -> [UInt8] {
        guard let handle = FileHandle(forReadingAtPath: path),
            let bytes = try? handle.read(upToCount: SetSigning.largest + 1), bytes.count <= SetSigning.largest
        else { throw LocalFault("\(path) cannot be read, or is larger than a signature can be") }
        return Array(bytes)
    }
}
