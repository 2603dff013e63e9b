internal import Logging
internal import NIOCore

/// Stands between the listening socket and NIO's own back-off, which keeps a failed `accept` from being asked for again
/// but not from being tried again at once, for as long as connections wait: when descriptors have run out, a thread would
/// do nothing else. For a second nothing is accepted, and it is said; the connections stay in the queue of the system.
final class AcceptPause: ChannelInboundHandler {
    typealias InboundIn = Channel

    private static let length = TimeAmount.seconds(1)

    private let logger: Logger
    private var isPausing = false

    init(logger: Logger) {
        self.logger = logger
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.fireErrorCaught(error)
        guard error is IOError, !isPausing else { return }
        isPausing = true
        logger.error("web connection not accepted", metadata: ["reason": "\(error)"])
        let channel = context.channel
        set(channel, toAccept: false)
        _ = context.eventLoop.assumeIsolated().scheduleTask(in: AcceptPause.length) {
            self.isPausing = false
            self.set(channel, toAccept: true)
        }
    }

    private func set(_ channel: any Channel, toAccept isAccepting: Bool) {
        // Fails only when the channel is closed already.
        try? channel.syncOptions?.setOption(.autoRead, value: isAccepting)
    }
}
