internal import Crypto
internal import Exchange
internal import Foundation
internal import Synchronization

/// One file being written by one channel. Bytes written in order from the start are hashed as they pass, so
/// that sealing need not read them again.
final class ArrivingUpload: Upload {
    private struct State {
        /// Nil once ended.
        var file: OpenFile?
        var size: UInt64
        /// Nil when the bytes did not come in order.
        var hasher: SHA256?
        var hashed: UInt64 = 0
    }

    private let key: UploadKey
    private let target: any UploadTarget
    private let state: Mutex<State>

    init(_ key: UploadKey, of target: any UploadTarget, into file: OpenFile, size: UInt64) {
        self.key = key
        self.target = target
        state = Mutex(State(file: file, size: size, hasher: size == 0 ? SHA256() : nil))
    }

    deinit {
        abandon()
    }

    var size: UInt64 { state.withLock(\.size) }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(HomeFault) {
        let (end, overflows) = offset.addingReportingOverflow(UInt64(bytes.count))
        guard !overflows, end <= UInt64(clamping: target.ground.limits.fileSize) else { throw .tooLarge }
        try target.ground.floor.require()
        try change(upTo: end) { state, file throws(SystemFault) in
            if state.hashed != offset { state.hasher = nil }
            try file.write(bytes, at: offset)
            state.hasher?.update(bufferPointer: bytes)
            state.hashed = end
            state.size = max(state.size, end)
        }
    }

    func resize(to size: UInt64) throws(HomeFault) {
        guard size <= UInt64(clamping: target.ground.limits.fileSize) else { throw .tooLarge }
        // Bytes nobody sent cost their sender nothing.
        guard size <= self.size else { throw .notAllowed }
        try change(upTo: 0) { state, file throws(SystemFault) in
            try file.resize(to: size)
            if size != state.hashed { state.hasher = nil }
            state.size = size
        }
    }

    private func change(
        upTo end: UInt64, _ body: (inout State, OpenFile) throws(SystemFault) -> Void
    ) throws(HomeFault) {
        try state.withLock { state throws(HomeFault) in
            guard let file = state.file else { throw .superseded }
            try target.beginWrite(key, upTo: end)
            defer { target.endWrite(key, size: state.size) }
            do throws(SystemFault) {
                try body(&state, file)
            } catch {
                // Part of the bytes may be there; what they are is read from the disk when sealing.
                state.hasher = nil
                if let status = try? file.status() { state.size = status.size }
                throw error.homeFault
            }
        }
    }

    func sync(completion: @escaping @Sendable (Result<Void, HomeFault>) -> Void) {
        guard let file = state.withLock(\.file) else { return completion(.failure(.superseded)) }
        do {
            let version = try target.beginSync(key)
            let task = SyncTask.file(file) { [target, key] fault in
                target.endSync(key, version: version, failed: fault != nil)
                completion(fault.map { .failure($0.homeFault) } ?? .success(()))
            }
            if !target.ground.syncing.push(task, of: target.sender) {
                completion(.failure(.failed("the spool is closing")))
            }
        } catch {
            completion(.failure(error))
        }
    }

    func close(completion: @escaping @Sendable (Result<Void, HomeFault>) -> Void) {
        let ended = state.withLock { state -> (size: UInt64, digest: Exchange.Digest?)? in
            guard state.file != nil else { return nil }
            state.file = nil
            let digest =
                state.hashed == state.size ? state.hasher.map { Exchange.Digest(sha256: $0.finalize()) } : nil
            return (state.size, digest)
        }
        guard let ended else { return completion(.failure(.superseded)) }
        target.close(key, size: ended.size, digest: ended.digest, completion: completion)
    }

    func abandon() {
        let wasOpen = state.withLock { state in
            defer { state.file = nil }
            return state.file != nil
        }
        if wasOpen { target.abandon(key) }
    }
}

/// A file being read, in any directory of a home.
final class SpoolDownload: Download {
    let size: UInt64
    private let file: Mutex<OpenFile?>

    init(_ file: OpenFile) throws(SystemFault) {
        size = try file.status().size
        self.file = Mutex(file)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(HomeFault) -> Int {
        guard let file = file.withLock({ $0 }), offset < size else { return 0 }
        let wanted = Int(min(UInt64(buffer.count), size - offset))
        do {
            return try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted]), at: offset)
        } catch {
            throw error.homeFault
        }
    }

    func close() {
        file.withLock { $0 = nil }
    }
}
