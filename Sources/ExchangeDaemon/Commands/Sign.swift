internal import ArgumentParser
internal import Exchange
internal import Foundation
internal import Validation

struct Sign: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Signs FI files: writes the FS of each, and the GO of its set, beside it.")

    @Argument(help: "FI files, under their real names.") var files: [String]
    @Option(help: "The private key, PEM.") var key: String
    @Option(help: "The certificate, PEM or DER.") var certificate: String
    @Flag(help: "Read the passphrase of the key from standard input.") var passphraseStdin = false

    func run() throws {
        let signer: DocumentSigner
        do {
            signer = try DocumentSigner(
                privateKeyPEM: InputFile.read(key), certificate: InputFile.read(certificate),
                passphrase: passphraseStdin ? readLine() : nil)
        } catch let fault as CertificateFault {
            throw CommandFailure(.failed, fault.sentence)
        }
        for file in files { try sign(file, with: signer) }
    }

    private func sign(_ file: String, with signer: DocumentSigner) throws {
        let url = URL(fileURLWithPath: file)
        let name = url.lastPathComponent
        guard let parsed = try? FileName(name).map(PartName.init), parsed.kind == .declaration,
            let trigger = parsed.set.triggerName
        else {
            throw CommandFailure(
                .failed, "'\(name)' is not the name of an FI, such as FI.DMFA.006400.20230420.00001.R.1.1")
        }
        let folder = url.deletingLastPathComponent()
        let signature = "FS." + name.dropFirst(3)
        let bytes: [UInt8]
        do {
            bytes = try signer.signFile(at: file)
        } catch {
            throw CommandFailure(.failed, "\(file): \(error.sentence)")
        }
        try Data(bytes).write(to: folder.appendingPathComponent(signature), options: .atomic)
        try Data().write(to: folder.appendingPathComponent(trigger.escaped))
        Output.warn("written: \(signature) \(trigger)")
    }
}
