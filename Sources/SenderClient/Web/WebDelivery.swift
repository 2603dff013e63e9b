internal import Channels
internal import Crypto
internal import Exchange
internal import Foundation

/// Hands one set to a web service: whole in one request, or, when it is large, file by file in pieces that go on after a
/// cut (tus 1.0). One thread's.
final class WebDelivery {
    let set: OutgoingSet
    let service: WebService
    let perseverance: Perseverance
    let meter: TransferMeter
    private let bounds: UploadBounds
    /// True from the moment the whole set may be at the service.
    var mayBeComplete = false

    init(
        _ set: OutgoingSet, to service: WebService, perseverance: Perseverance, meter: TransferMeter,
        bounds: UploadBounds
    ) {
        self.set = set
        self.service = service
        self.perseverance = perseverance
        self.meter = meter
        self.bounds = bounds
    }

    /// The ticket the service knows the set by.
    func run() throws(RemoteFault) -> String {
        set.size < bounds.whole ? try sendWhole() : try sendInPieces()
    }

    /// The key makes a repetition harmless: the service knows the request again by it.
    private func sendWhole() throws(RemoteFault) -> String {
        let key = try fingerprint()
        let boundary = "ecluse-" + UUID().uuidString
        let body = multipart(boundary)
        let headers: WebService.Headers = [
            ("Content-Type", "multipart/form-data; boundary=\(boundary)"), ("Idempotency-Key", "\"\(key)\""),
        ]
        let response = try again { [self] () throws(RemoteFault) in
            try mendingConflict { [self] () throws(RemoteFault) in
                try service.send("POST", "/v1/sets", headers, body: body) { [self] sent in
                    mayBeComplete = true
                    perseverance.noteProgress()
                    meter.place(set.trigger, at: min(sent, set.size))
                }
            }
        }
        return try ticket(of: response)
    }

    private func multipart(_ boundary: String) -> HTTPSBody {
        var pieces: [HTTPSBody.Piece] = []
        for file in set.files {
            let head =
                "--\(boundary)\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\(file.name.escaped)\"\r\n"
                + "Content-Type: application/octet-stream\r\n\r\n"
            pieces.append(.bytes(Array(head.utf8)))
            pieces.append(piece(of: file, from: 0))
            pieces.append(.bytes([0x0D, 0x0A]))
        }
        pieces.append(.bytes(Array("--\(boundary)--\r\n".utf8)))
        return HTTPSBody(pieces)
    }

    func piece(of file: OutgoingFile, from offset: UInt64) -> HTTPSBody.Piece {
        switch file.content {
        case .bytes(let bytes): .bytes(Array(bytes.dropFirst(Int(offset))))
        case .file(let path, let size): .file(path: path, offset: offset, length: size - offset)
        }
    }

    /// SHA-256 over names and contents, hexadecimal.
    private func fingerprint() throws(RemoteFault) -> String {
        do {
            var hash = SHA256()
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 262_144, alignment: 16)
            defer { buffer.deallocate() }
            for file in set.files {
                hash.update(data: file.name.bytes + [0] + Array("\(file.size)".utf8) + [0])
                let reader = try ContentReader(file)
                var offset: UInt64 = 0
                while case let count = try reader.read(at: offset, into: buffer), count > 0 {
                    hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                    offset += UInt64(count)
                }
            }
            return Array(hash.finalize()).hexadecimal
        } catch {
            throw RemoteFault(.stopped, "\(error)", cause: error)
        }
    }

    func ticket(of response: HTTPSResponse) throws(RemoteFault) -> String {
        let last = response.headers["location"]?.split(separator: "/").last.map(String.init)
        return try checked(last ?? "")
    }

    /// A ticket goes into addresses.
    func checked(_ ticket: String) throws(RemoteFault) -> String {
        guard (1...64).contains(ticket.utf8.count), ticket.utf8.allSatisfy({ $0.isDigit || $0.isCapital })
        else {
            throw RemoteFault(.garbled, "the service gave no ticket that can be read")
        }
        return ticket
    }

    @discardableResult func again<Result>(
        _ body: () throws(RemoteFault) -> Result
    ) throws(RemoteFault) -> Result {
        try perseverance.run(at: service.address, body)
    }

    /// A conflict is with a request of our own that was cut off and is not yet over at the service: another attempt
    /// finds out what is there.
    func mendingConflict(
        _ body: () throws(RemoteFault) -> HTTPSResponse
    ) throws(RemoteFault) -> HTTPSResponse {
        do {
            return try body()
        } catch {
            guard error.refusal?.status == 409 else { throw error }
            throw RemoteFault(.brokenOff, error.sentence, cause: error.cause)
        }
    }

    func offset(of file: String) throws(RemoteFault) -> UInt64 {
        let response = try service.send("HEAD", file, WebDelivery.tus)
        guard let offset = response.headers["upload-offset"].flatMap({ UInt64($0) }) else {
            throw RemoteFault(.garbled, "the service does not tell how much of a file it has")
        }
        return offset
    }
}
