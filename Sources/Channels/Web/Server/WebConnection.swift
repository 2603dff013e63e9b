internal import Exchange
internal import Synchronization

/// One connection, as its requests know it.
final class WebConnection: Sendable {
    /// The connection whose task runs; set for everything that answers its requests.
    @TaskLocal static var current = WebConnection(peer: PeerNetwork("unknown"))

    let peer: PeerNetwork
    private let shown = Mutex<Digest?>(nil)
    private let book: ConnectionBook?
    private let isProven = Atomic(false)

    /// - Parameter book: where it is counted.
    init(peer: PeerNetwork, in book: ConnectionBook? = nil) {
        self.peer = peer
        self.book = book
    }

    /// Somebody proved on it who he is: it makes room for nobody any more.
    func prove() {
        guard !isProven.exchange(true, ordering: .relaxed) else { return }
        book?.prove(self)
    }

    /// SHA-256 of the certificate the peer showed in the handshake, proving that it has the key; nil when it showed
    /// none. Whether it is anybody's is the directory's to say, at each request.
    var certificate: Digest? {
        get { shown.withLock { $0 } }
        set { shown.withLock { $0 = newValue } }
    }
}
