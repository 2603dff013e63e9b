internal import Exchange
internal import Foundation

/// A way in that the demo sends over with `ecluse submit`, and fetches the answer from with `ecluse fetch`.
struct DemoRoute {
    let title: String
    let target: String
    /// What tells the sender that the server is the right one, and the server who the sender is.
    let proof: [String]
}

/// One declaration of Acme, sent with Écluse's own client.
struct DemoSubmission {
    let sender: DemoCast.Member
    let route: DemoRoute
    /// FI and answers lie here.
    let folder: URL
    let receiptCertificate: String

    /// The name of the FI; `submit` signs it, and names the rest after it.
    func write(_ document: String, sequence: Int, on day: String) throws -> String {
        let compact = day.replacing("-", with: "")
        let name = "FI.DIMN.\(sender.number).\(compact).\(String(sequence).leftPadded(to: 5)).R.1.1"
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try document.write(to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
        return name
    }

    private var options: [String] {
        [
            "--key", sender.key, "--certificate", sender.certificate, "--receipt-certificate",
            receiptCertificate,
        ] + route.proof
    }

    /// What `submit` says; throws unless it says that the set was accepted.
    func send(_ name: String) throws -> String {
        try ExternalProgram.ecluse.run(
            ["submit", folder.appendingPathComponent(name).path, "--to", route.target] + options)
    }

    /// The receipt of that FI, fetched over the same way.
    func receipt(for name: String) throws -> (name: String, document: [UInt8], signature: [UInt8]) {
        // A receipt names the set by its GO, which is the FI's name without its part.
        let set = "GO" + name.dropFirst(2).dropLast(2)
        let answers = folder.appendingPathComponent("answers")
        try ExternalProgram.ecluse.run(
            ["fetch", answers.path, "--from", route.target, "--sender", "\(sender.number)"] + options)
        for found in FileManager.default.enumerator(atPath: answers.path) ?? .init() {
            guard let path = found as? String, let answer = path.split(separator: "/").last,
                answer.hasPrefix("FO.")
            else { continue }
            let document = try InputFile.read(answers.appendingPathComponent(path).path)
            guard String(decoding: document, as: UTF8.self).contains(set) else { continue }
            let signature = path.replacing("FO.", with: "FS.")
            return (
                String(answer), document, try InputFile.read(answers.appendingPathComponent(signature).path)
            )
        }
        throw CommandFailure(.failed, "no receipt came over \(route.target)")
    }
}
