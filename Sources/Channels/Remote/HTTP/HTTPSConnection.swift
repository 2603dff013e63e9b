internal import CLibCurl

/// A handle of libcurl with the connections it keeps open.
///
/// `@unchecked Sendable`: libcurl's handle may be used by any thread, by one at a time; `HTTPSClient` hands each
/// connection to one caller, and takes it back afterwards.
final class HTTPSConnection: @unchecked Sendable {
    private let easy: CurlEasy
    private let settings: HTTPSSettings

    init(
        _ settings: HTTPSSettings, until isAbandoned: @escaping @Sendable () -> Bool
    ) throws(RemoteFault) {
        easy = try CurlEasy(protocols: "https", until: isAbandoned)
        easy.patience = settings.patience
        self.settings = settings
    }

    /// Sends one request and takes its answer in.
    func run(_ turn: HTTPSTurn, _ answer: HTTPSAnswer) throws(RemoteFault) -> HTTPSResponse {
        prepare(turn.request)
        prepareBody(turn)
        // Nothing of this call, nor a secret of it, stays behind in a handle that is kept.
        defer { easy.reset() }
        do {
            try easy.perform(source: turn.give, header: answer.takeHead, sink: answer.takeBody)
        } catch {
            if error.cause is HTTPSAnswer.Enough { return answer.response }
            if let fault = error.cause as? RemoteFault { throw fault }
            throw RemoteFault(error.kind, "\(turn.request.origin): \(error.sentence)", cause: error.cause)
        }
        guard answer.status >= 200 else {
            throw RemoteFault(.garbled, "\(turn.request.origin): The answer has no status.")
        }
        return answer.response
    }

    private func prepare(_ request: HTTPSRequest) {
        easy.set(CURLOPT_URL, request.url)
        easy.trust(settings.trust)
        easy.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        easy.set(CURLOPT_CONNECTTIMEOUT_MS, settings.connecting)
        if let identity = settings.identity {
            easy.set(CURLOPT_SSLCERT, identity.certificate)
            easy.set(CURLOPT_SSLKEY, identity.key)
            easy.set(CURLOPT_KEYPASSWD, identity.passphrase?.revealed)
        }
        // An empty `Expect` keeps libcurl from waiting a second for an interim answer before a long body.
        let lines = request.headers.map { "\($0.name): \($0.value)" } + ["Expect:"]
        easy.set(CURLOPT_HTTPHEADER, lines: lines.map { Array($0.utf8) })
    }

    private func prepareBody(_ turn: HTTPSTurn) {
        if let length = turn.length {
            easy.set(CURLOPT_UPLOAD, 1)
            easy.set(CURLOPT_INFILESIZE_LARGE, offset: length)
            easy.set(CURLOPT_UPLOAD_BUFFERSIZE, 256 * 1024)
            easy.set(CURLOPT_SEEKDATA, pointer: Unmanaged.passUnretained(turn).toOpaque())
            easy.set(CURLOPT_SEEKFUNCTION, pointer: unsafeBitCast(onSeek, to: UnsafeMutableRawPointer.self))
        }
        if turn.request.method == "HEAD" { easy.set(CURLOPT_NOBODY, 1) }
        easy.set(CURLOPT_CUSTOMREQUEST, turn.request.method)
    }
}

/// libcurl only ever asks for the beginning, when a kept connection turned out to be dead.
private let onSeek: @convention(c) (UnsafeMutableRawPointer?, curl_off_t, Int32) -> Int32 = {
    owner, offset, _ in
    guard let owner, offset == 0 else { return CURL_SEEKFUNC_FAIL }
    Unmanaged<HTTPSTurn>.fromOpaque(owner).takeUnretainedValue().rewind()
    return CURL_SEEKFUNC_OK
}
