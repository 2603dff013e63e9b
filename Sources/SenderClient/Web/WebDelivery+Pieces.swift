internal import Channels
internal import Exchange
internal import Foundation

/// Large sets: file by file, in pieces that go on after a cut (tus 1.0).
extension WebDelivery {
    static let tus: WebService.Headers = [("Tus-Resumable", "1.0.0")]

    func sendInPieces() throws(RemoteFault) -> String {
        let begin = Array("{\"name\":\"\(set.trigger.escaped)\"}".utf8)
        let response = try again { [self] () throws(RemoteFault) in
            try service.send(
                "POST", "/v1/uploads", [("Content-Type", "application/json")], body: .bytes(begin))
        }
        let ticket = try checked(WebService.decode(WebUpload.self, response).ticket)
        for file in set.files { try send(file, of: ticket) }
        mayBeComplete = true
        let closed = try again { [self] () throws(RemoteFault) in
            try service.send(
                "POST", "/v1/uploads/\(ticket)/close", [("Idempotency-Key", "\"close-\(ticket)\"")])
        }
        return try self.ticket(of: closed)
    }

    /// Announces the file, then sends it from wherever the service has it.
    private func send(_ file: OutgoingFile, of ticket: String) throws(RemoteFault) {
        let files = "/v1/uploads/\(ticket)/files"
        let metadata = "filename " + Data(file.name.bytes).base64EncodedString()
        let announcement =
            WebDelivery.tus + [("Upload-Length", "\(file.size)"), ("Upload-Metadata", metadata)]
        let address = files + "/" + file.name.escaped
        var isAnnounced = false
        try again { [self] () throws(RemoteFault) in
            if !isAnnounced {
                try announce(files, announcement, address)
                isAnnounced = true
            }
            let offset = try self.offset(of: address)
            meter.place(file.name, at: offset)
            guard offset < file.size else { return }
            let headers =
                WebDelivery.tus + [
                    ("Upload-Offset", "\(offset)"), ("Content-Type", "application/offset+octet-stream"),
                ]
            let body = HTTPSBody([piece(of: file, from: offset)])
            _ = try mendingConflict { [self] () throws(RemoteFault) in
                try service.send("PATCH", address, headers, body: body) { [self] sent in
                    perseverance.noteProgress()
                    meter.place(file.name, at: min(offset + sent, file.size))
                }
            }
        }
    }

    /// An announcement whose answer was lost is refused the second time, because the file is there; who made the
    /// second, this side or libcurl on a connection that had died, does not matter.
    private func announce(
        _ files: String, _ headers: WebService.Headers, _ address: String
    ) throws(RemoteFault) {
        do {
            _ = try service.send("POST", files, headers)
        } catch {
            guard error.refusal != nil, (try? offset(of: address)) != nil else { throw error }
        }
    }
}
