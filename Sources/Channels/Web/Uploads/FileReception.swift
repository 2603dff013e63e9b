internal import Exchange
internal import Synchronization

/// Writes the body of one request into one file, a piece at a time. Its calls may wait for the disk; they come one
/// after the other.
final class FileReception: Sendable {
    private struct State {
        var offset: UInt64
        var check: BodyCheck?
    }

    let upload: any Upload
    private let start: UInt64
    private let length: UInt64
    private let state: Mutex<State>

    /// - Parameters:
    ///   - start: where the body belongs.
    ///   - length: bytes the whole file will have.
    init(_ upload: any Upload, at start: UInt64, of length: UInt64, check: BodyCheck?) {
        self.upload = upload
        self.start = start
        self.length = length
        state = Mutex(State(offset: start, check: check))
    }

    /// Bytes the file has now.
    var offset: UInt64 { state.withLock(\.offset) }

    /// True unless a digest was promised that the bytes do not have.
    var isGenuine: Bool { state.withLock { $0.check?.holds ?? true } }

    func take(_ bytes: [UInt8]) throws {
        try state.withLock { state in
            guard UInt64(bytes.count) <= length - state.offset else {
                throw Problem.tooLarge("The file was announced to have \(length) bytes.")
            }
            try bytes.withUnsafeBytes { buffer in
                try upload.write(buffer, at: state.offset)
                state.check?.add(buffer)
            }
            state.offset += UInt64(bytes.count)
        }
    }

    /// The connection broke, or worse: what came stays, to be gone on from. Bytes that were to be checked and cannot
    /// be do not.
    func breakOff() {
        if state.withLock({ $0.check != nil }) {
            takeBack()
        } else {
            upload.abandon()
        }
    }

    /// Leaves the file as it was before.
    func takeBack() {
        try? upload.resize(to: start)
        upload.abandon()
    }
}
