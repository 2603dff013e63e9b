internal import Foundation

/// The numeric address of a peer.
struct PeerAddress: Hashable, Sendable, CustomStringConvertible {
    let description: String
    /// What limits and penalties count by: the address, or its /64 with IPv6, where one host has them all.
    let network: String

    init(_ text: String) {
        let isMapped = text.lowercased().hasPrefix("::ffff:") && text.contains(".")
        description = isMapped ? String(text.dropFirst(7)) : text
        network = PeerAddress.network(of: description)
    }

    private static func network(of text: String) -> String {
        guard text.contains(":") else { return text }
        var address = in6_addr()
        let bare = text.prefix { $0 != "%" }
        guard inet_pton(AF_INET6, String(bare), &address) == 1 else { return text }
        return withUnsafeBytes(of: &address) { bytes in
            stride(from: 0, to: 8, by: 2)
                .map { String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16) }
                .joined(separator: ":") + "::/64"
        }
    }
}
