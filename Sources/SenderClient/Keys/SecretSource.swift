internal import Glibc
public import Validation

/// Where a passphrase, PIN or password comes from: never from the command line, which others on the machine can see.
public enum SecretSource: Sendable, Hashable {
    /// The first line of a file.
    case file(String)
    /// The first line of an open descriptor, such as one end of a pipe.
    case descriptor(Int32)
    /// Asked for on the terminal, without echo.
    case terminal

    /// Reads it. Its bytes are overwritten where they passed through.
    ///
    /// - Parameter prompt: what a person is asked, such as `Passphrase of key.pem`.
    /// - Throws: a sentence, also when there is no terminal to ask on, or the person gave up.
    public func read(prompt: String) throws(SecretFault) -> Passphrase {
        switch self {
        case .file(let path):
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw SecretFault("\(path): \(String(cString: strerror(errno)))") }
            defer { close(descriptor) }
            return try SecretSource.firstLine(of: descriptor, path)
        case .descriptor(let descriptor):
            return try SecretSource.firstLine(of: descriptor, "descriptor \(descriptor)")
        case .terminal: return try TerminalPrompt().ask(prompt)
        }
    }

    private static func firstLine(of descriptor: Int32, _ name: String) throws(SecretFault) -> Passphrase {
        var line = SecretLine()
        while try !line.read(from: descriptor, name) {}
        return try line.passphrase(name)
    }
}

/// The bytes of a line while it is being read; overwritten when it ends.
struct SecretLine: ~Copyable {
    /// One byte more than is taken, so that a line that is too long is known by it.
    private let buffer = UnsafeMutableRawBufferPointer.allocate(
        byteCount: Passphrase.longest + 1, alignment: 1)
    private var count = 0

    deinit {
        if let start = buffer.baseAddress { explicit_bzero(start, buffer.count) }
        buffer.deallocate()
    }

    /// Reads one byte, so that nothing behind the line is taken; true at the end of the line or of everything.
    mutating func read(from descriptor: Int32, _ name: String) throws(SecretFault) -> Bool {
        guard count < buffer.count else {
            throw SecretFault("\(name): the first line is too long for a secret")
        }
        let got = Glibc.read(descriptor, buffer.baseAddress?.advanced(by: count), 1)
        if got < 0 {
            guard errno == EINTR else { throw SecretFault("\(name): \(String(cString: strerror(errno)))") }
            return false
        }
        if got == 0 || buffer[count] == 0x0A { return true }
        count += 1
        return false
    }

    var last: UInt8? { count == 0 ? nil : buffer[count - 1] }

    mutating func passphrase(_ name: String) throws(SecretFault) -> Passphrase {
        if last == 0x0D { count -= 1 }
        var bytes = Array(buffer[..<count])
        guard let passphrase = Passphrase(wiping: &bytes) else {
            throw SecretFault("\(name): this cannot be a secret")
        }
        return passphrase
    }
}
