internal import Crypto
internal import Exchange
internal import Foundation
internal import HTTPTypes
internal import Hummingbird

/// One file of an answer, read from the sender's home. Answers never change, so the digest of what is sent is taken
/// in a first reading, and the bytes are sent in a second.
struct AnswerFile: Sendable {
    /// Bytes read at a time.
    private static let piece = 128 * 1024

    let name: FileName
    let kind: AnswerFileKind
    let answer: ShelvedAnswer
    let exchange: WebExchange

    func response(to request: Request) async throws -> Response {
        let download = try await exchange.threads.run {
            try exchange.homes.home(of: answer.sender, over: .web).download(name, in: answer.mailbox)
        }
        do {
            let response = try await response(to: request, download)
            // Nobody will read the body and close the file then.
            if request.method == .head, response.status == .ok {
                try await exchange.threads.run { download.close() }
            }
            return response
        } catch {
            try? await exchange.threads.run { download.close() }
            throw error
        }
    }

    private func response(to request: Request, _ download: any Download) async throws -> Response {
        // The cursor belongs to one publication and no other.
        let tag = EntityTag("\(AnswerQuery.text(of: answer.cursor))-\(kind.rawValue)")
        var headers: HTTPFields = [
            .eTag: tag.description, .acceptRanges: "bytes", .cacheControl: "no-store",
            .contentType: kind.mediaType,
            .contentDisposition: "attachment; filename=\"\(name.escaped)\"",
        ]
        let isCurrent = request.headers[.ifRange].map { $0 == tag.description } ?? true
        // Ranges are of GET alone (RFC 9110 section 14.2).
        let range = ByteRange(
            isCurrent && request.method == .get ? request.headers[.range] : nil, of: download.size)
        if tag.isIn(request.headers[.ifNoneMatch]) {
            try await exchange.threads.run { download.close() }
            return Response(status: .notModified, headers: headers)
        }
        switch range {
        case .unsatisfiable:
            var problem = Problem(.rangeNotSatisfiable, "The file has \(download.size) bytes.")
            problem.headers[.contentRange] = "bytes */\(download.size)"
            throw problem
        case .whole:
            return try await response(.ok, headers, 0..<download.size, of: download)
        case .part(let part):
            headers[.contentRange] = "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(download.size)"
            return try await response(.partialContent, headers, part, of: download)
        }
    }

    private func response(
        _ status: HTTPResponse.Status, _ headers: HTTPFields, _ part: Range<UInt64>, of download: any Download
    ) async throws -> Response {
        let digest = try await exchange.threads.run {
            var hasher = SHA256()
            for piece in AnswerFile.pieces(of: part) {
                hasher.update(data: try AnswerFile.bytes(of: download, piece))
            }
            return Data(hasher.finalize()).base64EncodedString()
        }
        var headers = headers
        headers[.contentDigest] = "sha-256=:\(digest):"
        let body = ResponseBody(contentLength: Int(part.upperBound - part.lowerBound)) { [exchange] writer in
            do {
                for piece in AnswerFile.pieces(of: part) {
                    let bytes = try await exchange.threads.run { try AnswerFile.bytes(of: download, piece) }
                    try await writer.write(ByteBuffer(bytes: bytes))
                }
                try await writer.finish(nil)
            } catch {
                try? await exchange.threads.run { download.close() }
                throw error
            }
            try await exchange.threads.run { download.close() }
        }
        return Response(status: status, headers: headers, body: body)
    }

    private static func pieces(of part: Range<UInt64>) -> some Sequence<Range<UInt64>> {
        stride(from: part.lowerBound, to: part.upperBound, by: piece).lazy.map { start in
            start..<min(start + UInt64(piece), part.upperBound)
        }
    }

    /// Exactly these bytes; `.failed` when the file ends before.
    private static func bytes(of download: any Download, _ range: Range<UInt64>) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: Int(range.upperBound - range.lowerBound)) { buffer, filled in
            while filled < buffer.count {
                let rest = UnsafeMutableRawBufferPointer(
                    rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
                let count = try download.read(into: rest, at: range.lowerBound + UInt64(filled))
                guard count > 0 else { throw HomeFault.failed("an answer is shorter than it was") }
                filled += count
            }
        }
    }
}

extension ProblemKind {
    static let rangeNotSatisfiable = ProblemKind(
        "range-not-satisfiable", .rangeNotSatisfiable, "The file has no such bytes",
        mend: "Ask for a range that begins inside the file; Content-Range tells its size.")
}
