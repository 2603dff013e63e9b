internal import Foundation
internal import NIOCore

/// Where a peer comes from, as limits and penalties count: its numeric address, or its /64 with IPv6, where one host
/// has them all.
struct PeerNetwork: Sendable, Hashable, CustomStringConvertible {
    let description: String

    /// - Parameter address: numeric; anything else stands for itself.
    init(_ address: String) {
        let bare = String(address.prefix { $0 != "%" })
        let isMapped = bare.lowercased().hasPrefix("::ffff:") && bare.contains(".")
        description = isMapped ? String(bare.dropFirst(7)) : PeerNetwork.prefix(of: bare) ?? bare
    }

    /// Peers whose address is not known share one network.
    init(of address: SocketAddress?) {
        self.init(address?.ipAddress ?? "unknown")
    }

    /// Nil when the text is no IPv6 address.
    private static func prefix(of text: String) -> String? {
        var address = in6_addr()
        guard inet_pton(AF_INET6, text, &address) == 1 else { return nil }
        return withUnsafeBytes(of: &address) { bytes in
            stride(from: 0, to: 8, by: 2)
                .map { String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16) }
                .joined(separator: ":") + "::/64"
        }
    }
}
