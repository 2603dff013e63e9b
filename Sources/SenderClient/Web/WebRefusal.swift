internal import Channels
internal import Foundation

/// An answer of a web service that is no success: the cause of the fault it becomes.
struct WebRefusal: Error, Sendable {
    let status: Int
    /// Seconds the service asked us to wait.
    let retryAfter: Double?

    /// The members of a problem document (RFC 9457) and of an OAuth error (RFC 6749 section 5.2) that are told.
    private struct Problem: Decodable {
        let title: String?
        let detail: String?
        let error_description: String?
        let codes: [Code]?

        struct Code: Decodable {
            let code: String
            let sentence: String?
        }
    }

    private static let longestWait = 600.0

    static func fault(_ response: HTTPSResponse, asking what: String) -> RemoteFault {
        let problem = try? JSONDecoder().decode(Problem.self, from: Data(response.body))
        let particulars = problem.flatMap { $0.detail ?? $0.error_description ?? $0.title }
        let codes = (problem?.codes ?? []).prefix(20).map { " \($0.code) \($0.sentence ?? "")" }.joined()
        let words = Shown.text((particulars ?? "it said nothing more") + codes, limit: 600)
        let wait = response.headers["retry-after"].flatMap(Double.init).map { min(max($0, 0), longestWait) }
        return RemoteFault(
            kind(of: response.status), "the service answered \(response.status) to \(what): \(words)",
            cause: WebRefusal(status: response.status, retryAfter: wait))
    }

    private static func kind(of status: Int) -> RemoteFault.Kind {
        switch status {
        case 401: .notAdmitted
        case 404, 410: .noSuchFile
        case 409: .alreadyExists
        // Locked (423): by a request of ours that was cut off and is not yet over there.
        case 408, 423, 429, 503: .unreachable
        case 500, 502, 504: .brokenOff
        case 507: .tooMuch
        case 400..<500: .notAllowed
        default: .garbled
        }
    }
}

extension RemoteFault {
    /// What the service answered; nil when none answered.
    var refusal: WebRefusal? { cause as? WebRefusal }
}
