internal import CLibCurl

/// Owner of one easy handle of libcurl, used again and again: connections, names and TLS sessions outlive a transfer,
/// settings last until `reset`. One thread at a time.
///
/// Safe unless told otherwise: only the protocols named, no redirect, no `.netrc`, no proxy from the environment, no
/// signals. A setting that libcurl refuses makes every transfer fail until the next `reset`, so that none ever runs
/// without it.
final class CurlEasy {
    private let handle: UnsafeMutableRawPointer
    private let loop: CurlLoop
    private let words: UnsafeMutablePointer<CChar>
    private let protocols: String
    private var lists: [UnsafeMutablePointer<curl_slist>] = []
    private var refusedSetting: CURLcode?

    /// How long nothing may move in a transfer, in either direction and in any phase of it.
    var patience: Duration = .seconds(30)
    private let isAbandoned: () -> Bool

    /// - Parameters:
    ///   - protocols: as in a URL, separated by commas: `ftp`, `https`.
    ///   - isAbandoned: asked at least once a second during a transfer; true ends it with `.stopped`.
    init(protocols: String, until isAbandoned: @escaping () -> Bool) throws(RemoteFault) {
        guard CurlEasy.started == CURLE_OK, let loop = CurlLoop(), let handle = curl_easy_init() else {
            throw RemoteFault(.stopped, "libcurl does not start.")
        }
        self.handle = handle
        self.loop = loop
        self.protocols = protocols
        self.isAbandoned = isAbandoned
        words = .allocate(capacity: Int(CURL_ERROR_SIZE))
        words.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        reset()
    }

    deinit {
        curl_easy_cleanup(handle)
        lists.forEach { curl_slist_free_all($0) }
        words.deallocate()
    }

    private static let started = ecluse_curl_start()

    /// Of the library that runs, as `0xMMmmpp`.
    static var version: UInt32 { ecluse_curl_version() }

    /// Forgets every setting. Connections stay.
    func reset() {
        curl_easy_reset(handle)
        lists.forEach { curl_slist_free_all($0) }
        lists = []
        refusedSetting = nil
        set(CURLOPT_ERRORBUFFER, pointer: UnsafeMutableRawPointer(words))
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
        set(CURLOPT_PROXY, "")
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_PROTOCOLS_STR, protocols)
        set(CURLOPT_REDIR_PROTOCOLS_STR, protocols)
    }

    // MARK: Settings

    func set(_ option: CURLoption, _ value: Int) {
        note(ecluse_curl_set_long(handle, option, value))
    }

    func set(_ option: CURLoption, _ value: Duration) {
        let (seconds, attoseconds) = value.components
        set(option, Int(clamping: seconds * 1000 + attoseconds / 1_000_000_000_000_000))
    }

    /// For the options whose name ends in `_LARGE`.
    func set(_ option: CURLoption, offset: UInt64) {
        note(ecluse_curl_set_offset(handle, option, curl_off_t(clamping: offset)))
    }

    func set(_ option: CURLoption, _ text: String?) {
        guard let text else { return note(ecluse_curl_set_text(handle, option, nil)) }
        set(option, bytes: Array(text.utf8))
    }

    /// Text of any bytes; a NUL in it is refused.
    func set(_ option: CURLoption, bytes: [UInt8]) {
        guard let text = terminated(bytes) else { return note(CURLE_BAD_FUNCTION_ARGUMENT) }
        note(text.withUnsafeBufferPointer { ecluse_curl_set_text(handle, option, $0.baseAddress) })
    }

    /// A list of lines, owned by this handle until the next `reset`.
    func set(_ option: CURLoption, lines: [[UInt8]]) {
        var list: UnsafeMutablePointer<curl_slist>?
        for line in lines {
            guard let text = terminated(line),
                let longer = text.withUnsafeBufferPointer({ curl_slist_append(list, $0.baseAddress) })
            else {
                curl_slist_free_all(list)
                return note(CURLE_BAD_FUNCTION_ARGUMENT)
            }
            list = longer
        }
        if let list { lists.append(list) }
        set(option, pointer: list.map { UnsafeMutableRawPointer($0) })
    }

    func set(_ option: CURLoption, pointer: UnsafeMutableRawPointer?) {
        note(ecluse_curl_set_pointer(handle, option, pointer))
    }

    func set(_ option: CURLoption, data function: @escaping ecluse_curl_data) {
        note(ecluse_curl_set_data(handle, option, function))
    }

    func set(progress function: @escaping ecluse_curl_progress) {
        note(ecluse_curl_set_progress(handle, function))
    }

    private func note(_ code: CURLcode) {
        if code != CURLE_OK, refusedSetting == nil { refusedSetting = code }
    }

    private func terminated(_ bytes: [UInt8]) -> [CChar]? {
        bytes.contains(0) ? nil : bytes.map { CChar(bitPattern: $0) } + [0]
    }

    // MARK: Transfers

    /// Runs one transfer to its end. `source` fills the buffer with what is sent and returns the number of bytes, 0
    /// at the end; `header` gets each line of the peer's with its line end, `sink` the body piece by piece. What any
    /// of them throws ends the transfer, and is the cause of `.stopped`.
    func perform(
        source: CurlTransfer.Source = { _ in 0 }, header: CurlTransfer.Sink = { _ in },
        sink: CurlTransfer.Sink = { _ in }
    ) throws(RemoteFault) {
        let fault: RemoteFault? = withoutActuallyEscaping(source) { source in
            withoutActuallyEscaping(header) { header in
                withoutActuallyEscaping(sink) { sink in
                    run(
                        CurlTransfer(
                            source: source, header: header, sink: sink, patience: patience,
                            isAbandoned: isAbandoned))
                }
            }
        }
        if let fault { throw fault }
    }

    private func run(_ transfer: CurlTransfer) -> RemoteFault? {
        transfer.install(in: self)
        if let refusedSetting {
            return RemoteFault(.stopped, "libcurl refuses a setting: \(refusedSetting.sentence).")
        }
        words.pointee = 0
        let code = withExtendedLifetime(transfer) { loop.perform(handle) }
        if let cause = transfer.cause { return RemoteFault(.stopped, "Ended from our side.", cause: cause) }
        if transfer.isAbandoned { return RemoteFault(.stopped, "Ended from our side.") }
        if transfer.hasStalled { return RemoteFault(.timedOut, "Nothing moved for \(patience).") }
        guard code != CURLE_OK else { return nil }
        let text = String(cString: words)
        return RemoteFault(code.kind, peerWords((text.isEmpty ? code.sentence : text).utf8) + ".")
    }

    // MARK: Afterwards

    /// The last response code of the peer, of FTP or HTTP; 0 when there was none.
    var responseCode: Int { long(CURLINFO_RESPONSE_CODE) }

    func long(_ info: CURLINFO) -> Int {
        var value = 0
        return ecluse_curl_get_long(handle, info, &value) == CURLE_OK ? value : 0
    }

    func text(_ info: CURLINFO) -> String? {
        var value: UnsafeMutablePointer<CChar>?
        guard ecluse_curl_get_text(handle, info, &value) == CURLE_OK else { return nil }
        return value.map { String(cString: $0) }
    }

    /// To be called before the end of a handle that may have a connection whose peer does not answer: what libcurl
    /// then says in farewell it does not wait for an answer to.
    func hangUp() { loop.deafen() }
}
