import Exchange
import Foundation

/// A sender at work in its home, as a channel would serve it.
struct HomeClient: Sendable {
    let home: any SenderHome
    let mailbox: Mailbox

    /// Writes a file in one go and closes it; for a GO this returns when the set is sealed.
    func put(_ name: FileName, _ bytes: [UInt8]) async throws {
        let upload = try open(name)
        try upload.append(bytes)
        try await upload.closed()
    }

    /// Writes a file of zeros.
    func put(_ name: FileName, zeros: Int) async throws {
        let upload = try open(name)
        if zeros > 0 {
            try [0].withUnsafeBytes { byte throws in
                try upload.write(UnsafeRawBufferPointer(rebasing: byte[..<1]), at: UInt64(zeros) - 1)
            }
        }
        try await upload.closed()
    }

    func open(_ name: FileName, mode: UploadMode = .replace(exclusively: false)) throws -> any Upload {
        try home.upload(name, in: mailbox, mode: mode)
    }

    func rename(_ name: FileName, to newName: FileName) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            home.rename(name, to: newName, in: mailbox, replacing: true) { continuation.resume(with: $0) }
        }
    }

    /// The names in the directory the client writes in.
    func names() throws -> Set<FileName> {
        Set(try home.entries(in: mailbox).map(\.name))
    }

    /// The names of the files in the directory its sets are answered in.
    func answers() throws -> Set<FileName> {
        Set(try home.entries(in: mailbox.answers).map(\.name))
    }

    func read(_ name: FileName) throws -> [UInt8] {
        let download = try home.download(name, in: mailbox.answers)
        defer { download.close() }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = try buffer.withUnsafeMutableBytes {
                try download.read(into: $0, at: UInt64(bytes.count))
            }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
    }
}

extension Upload {
    func append(_ bytes: [UInt8]) throws {
        let offset = size
        try bytes.withUnsafeBytes { try write($0, at: offset) }
    }

    func closed() async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            close { continuation.resume(with: $0) }
        }
    }
}

extension CheckedContinuation<Void, any Error> {
    func resume(with result: Result<Void, HomeFault>) {
        switch result {
        case .success: resume()
        case .failure(let fault): resume(throwing: fault)
        }
    }
}

/// Asks again and again until there is an answer; nil when 6,000 questions, at least 30 s, brought none. Questions are
/// counted and not seconds: on a busy machine a sleeping test may be woken long after its time, and must still ask. Four
/// times as many under a sanitizer, which slows down what is waited for and not the sleeping.
func eventually<Answer>(_ ask: () throws -> Answer?) async throws -> Answer? {
    let isSanitized = ProcessInfo.processInfo.environment["ECLUSE_SANITIZED"] != nil
    for _ in 0..<(isSanitized ? 24_000 : 6_000) {
        if let answer = try ask() { return answer }
        try await Task.sleep(for: .milliseconds(5))
    }
    return nil
}
