import Foundation

/// What curl got.
struct Curl: Sendable {
    /// Of curl itself; 0 when there was an answer.
    let exit: Int32
    /// What curl complained of.
    let errors: String
    let status: Int
    /// `1.1` or `2`.
    let version: String
    /// The last head's, names in lower case.
    let headers: [String: String]
    let body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }

    /// The body as a JSON object; empty when it is none.
    var json: [String: Any] {
        ((try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any]) ?? [:]
    }

    /// The member `code` of a problem document.
    var problem: String? {
        headers["content-type"] == "application/problem+json" ? json["code"] as? String : nil
    }

    static func run(_ arguments: [String], input: [UInt8] = []) async throws -> Curl {
        let scratch = try Scratch()
        let head = try scratch.write([], to: "head")
        let body = try scratch.write([], to: "body")
        let run = try await Program.run(
            "curl",
            ["-sS", "--max-time", "100", "-D", head, "-o", body, "-w", "%{http_code} %{http_version}"]
                + arguments,
            input: input)
        let words = run.text.split(separator: " ").map(String.init)
        return Curl(
            exit: run.status, errors: run.errors, status: words.first.flatMap { Int($0) } ?? 0,
            version: words.last ?? "",
            headers: headers(String(decoding: try Scratch.bytes(of: head), as: UTF8.self)),
            body: try Scratch.bytes(of: body))
    }

    private static func headers(_ text: String) -> [String: String] {
        let heads = text.replacingOccurrences(of: "\r\n", with: "\n").components(separatedBy: "\n\n")
        guard let last = heads.last(where: { !$0.isEmpty }) else { return [:] }
        var headers: [String: String] = [:]
        for line in last.split(separator: "\n").dropFirst() {
            let pieces = line.split(separator: ":", maxSplits: 1)
            guard pieces.count == 2 else { continue }
            headers[pieces[0].lowercased()] = pieces[1].trimmingCharacters(in: .whitespaces)
        }
        return headers
    }
}
