internal import Channels
internal import Foundation

/// Takes an address apart behind its scheme.
struct AddressReading {
    private let user: String?
    private let host: String
    private let port: Int?
    /// With its first slash; empty when there is none.
    private let path: String

    init(_ text: Substring) throws(SubmissionTarget.Fault) {
        guard !text.contains(where: { $0 == "?" || $0 == "#" }),
            text.unicodeScalars.allSatisfy({ $0.value > 0x20 })
        else {
            throw SubmissionTarget.Fault(description: "An address has no blanks, no query and no fragment.")
        }
        let slash = text.firstIndex(of: "/") ?? text.endIndex
        path = String(text[slash...])
        var authority = text[..<slash]
        if let at = authority.lastIndex(of: "@") {
            let name = authority[..<at]
            guard !name.contains(":") else {
                throw SubmissionTarget.Fault(
                    description:
                        "A password does not belong in an address, which others on the machine can see.")
            }
            user = name.removingPercentEncoding
            authority = authority[authority.index(after: at)...]
        } else {
            user = nil
        }
        (host, port) = try AddressReading.hostAndPort(authority)
    }

    private static func hostAndPort(_ text: Substring) throws(SubmissionTarget.Fault) -> (String, Int?) {
        var host = text
        var port: Substring?
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { throw badHost }
            port = rest.isEmpty ? nil : rest.dropFirst()
        } else if let colon = text.lastIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
            guard !host.contains(":") else { throw badHost }
        }
        let isPlain = host.utf8.allSatisfy {
            ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x41 && $0 <= 0x5A) || ($0 >= 0x30 && $0 <= 0x39)
                || [0x2D, 0x2E, 0x3A, 0x5F].contains($0)
        }
        guard !host.isEmpty, isPlain, !host.hasPrefix("-") else { throw badHost }
        guard let port else { return (String(host), nil) }
        guard port.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(port),
            (1...65_535).contains(number)
        else {
            throw SubmissionTarget.Fault(description: "The port of an address is a number from 1 to 65535.")
        }
        return (String(host), number)
    }

    private static let badHost = SubmissionTarget.Fault(
        description: "The address names no host; IPv6 stands in brackets, as in sftp://USER@[::1]:8022.")

    func account(defaultPort: Int) throws(SubmissionTarget.Fault) -> SubmissionTarget.Account {
        let isPrintable = user?.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F } ?? false
        guard let user, !user.isEmpty, isPrintable else {
            throw SubmissionTarget.Fault(
                description: "The address names no user, as in sftp://EXPacme@HOST:8022.")
        }
        return SubmissionTarget.Account(user: user, host: host, port: port ?? defaultPort, home: try home())
    }

    private func home() throws(SubmissionTarget.Fault) -> RemotePath? {
        var trimmed = path.dropFirst()
        while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed = trimmed.dropLast() }
        guard !trimmed.isEmpty else { return nil }
        guard let decoded = trimmed.removingPercentEncoding, let home = RemotePath(decoded) else {
            throw SubmissionTarget.Fault(
                description: "The path of the address cannot be a directory at a server.")
        }
        return home
    }

    func base() throws(SubmissionTarget.Fault) -> String {
        guard user == nil else {
            throw SubmissionTarget.Fault(
                description: "The web service knows senders by certificate and client number, not by a user.")
        }
        let name = host.contains(":") ? "[\(host)]" : host
        var base = name + (port.map { ":\($0)" } ?? "") + path
        while base.hasSuffix("/") { base.removeLast() }
        return base
    }
}
