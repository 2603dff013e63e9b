internal import CLibCurl

/// What one transfer moves, and why it was ended from our side. Called by libcurl on the thread of `perform`.
final class CurlTransfer {
    typealias Source = (UnsafeMutableRawBufferPointer) throws -> Int
    typealias Sink = (UnsafeRawBufferPointer) throws -> Void

    private let source: Source
    private let header: Sink
    private let sink: Sink
    private let wantsEnd: () -> Bool
    private let patience: Duration
    private var lastMove = ContinuousClock.now
    private var lastCount: curl_off_t = 0
    /// What a closure threw.
    private(set) var cause: (any Error)?
    /// Nothing moved for as long as patience lasts.
    private(set) var hasStalled = false
    /// Nobody wants it any more.
    private(set) var isAbandoned = false

    init(
        source: @escaping Source, header: @escaping Sink, sink: @escaping Sink, patience: Duration,
        isAbandoned: @escaping () -> Bool
    ) {
        self.source = source
        self.header = header
        self.sink = sink
        self.patience = patience
        wantsEnd = isAbandoned
    }

    fileprivate func fill(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
        defer { lastMove = .now }
        do {
            return try source(buffer)
        } catch {
            cause = error
            return Int(CURL_READFUNC_ABORT)
        }
    }

    fileprivate func take(_ bytes: UnsafeRawBufferPointer, isHeader: Bool) -> Int {
        defer { lastMove = .now }
        do {
            try isHeader ? header(bytes) : sink(bytes)
            return bytes.count
        } catch {
            cause = error
            // Anything but the count ends the transfer, also after nothing.
            return bytes.count + 1
        }
    }

    /// libcurl asks at least once a second while it waits, in every phase.
    fileprivate func mayGoOn(_ moved: curl_off_t) -> Bool {
        if moved != lastCount {
            lastCount = moved
            lastMove = .now
        }
        hasStalled = ContinuousClock.now - lastMove > patience
        isAbandoned = wantsEnd()
        return !hasStalled && !isAbandoned
    }

    /// Makes `easy` call this transfer, which must outlive what is performed.
    func install(in easy: CurlEasy) {
        let owner = Unmanaged.passUnretained(self).toOpaque()
        easy.set(CURLOPT_READDATA, pointer: owner)
        easy.set(CURLOPT_READFUNCTION, data: onRead)
        easy.set(CURLOPT_WRITEDATA, pointer: owner)
        easy.set(CURLOPT_WRITEFUNCTION, data: onWrite)
        easy.set(CURLOPT_HEADERDATA, pointer: owner)
        easy.set(CURLOPT_HEADERFUNCTION, data: onHeader)
        easy.set(CURLOPT_XFERINFODATA, pointer: owner)
        easy.set(progress: onProgress)
        easy.set(CURLOPT_NOPROGRESS, 0)
    }
}

private func transfer(_ owner: UnsafeMutableRawPointer?) -> CurlTransfer? {
    owner.map { Unmanaged<CurlTransfer>.fromOpaque($0).takeUnretainedValue() }
}

private let onRead: ecluse_curl_data = { bytes, size, count, owner in
    transfer(owner)?.fill(UnsafeMutableRawBufferPointer(start: bytes, count: size * count)) ?? 0
}

private let onWrite: ecluse_curl_data = { bytes, size, count, owner in
    transfer(owner)?.take(UnsafeRawBufferPointer(start: bytes, count: size * count), isHeader: false) ?? 0
}

private let onHeader: ecluse_curl_data = { bytes, size, count, owner in
    transfer(owner)?.take(UnsafeRawBufferPointer(start: bytes, count: size * count), isHeader: true) ?? 0
}

private let onProgress: ecluse_curl_progress = { owner, _, down, _, up in
    transfer(owner)?.mayGoOn(down &+ up) ?? false ? 0 : 1
}
