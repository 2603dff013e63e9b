internal import Hummingbird
internal import HummingbirdCore
internal import HummingbirdHTTP2
internal import Logging
internal import NIOCore
internal import NIOSSL

/// Sets up and serves one connection: TLS, then HTTP/1.1 or HTTP/2 as agreed in the handshake, with our guards
/// between.
struct WebChildChannel: ServerChildChannel {
    struct Value: ServerChildChannelValue {
        let http: HTTP2UpgradeChannel.Value
        let connection: WebConnection

        var channel: any Channel { http.channel }
    }

    private let http: HTTP2UpgradeChannel
    private let book: ConnectionBook
    private let limits: WebLimits

    init(
        tls: TLSConfiguration, limits: WebLimits, book: ConnectionBook,
        responder: @escaping HTTPChannelHandler.Responder
    ) throws {
        let stream = HTTP1Channel.Configuration(
            additionalChannelHandlers: [RequestGuard(limits: limits)],
            idleTimeout: TimeAmount(lasting: limits.idleTime),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: limits.headerBytes, maxHeaderListSize: limits.headerBytes,
                maxHeaderFieldCount: limits.headerFields))
        http = try HTTP2UpgradeChannel(
            tlsChannelConfiguration: TLSChannelConfiguration(
                tlsConfiguration: tls,
                // Anybody's certificate may be shown: TLS proves that the peer has its key, the directory says at
                // each request whose it is.
                customVerificationCallback: { _, promise in promise.succeed(.certificateVerified) }),
            configuration: HTTP2ChannelConfiguration(
                idleTimeout: .seconds(limits.idleTime), gracefulCloseTimeout: .seconds(limits.drainTime),
                streamConfiguration: stream),
            responder: responder)
        self.book = book
        self.limits = limits
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let connection = WebConnection(peer: PeerNetwork(of: channel.remoteAddress), in: book)
        let own = NIOLoopBound(
            ConnectionGuard(connection: connection, limits: limits), eventLoop: channel.eventLoop)
        if book.enter(connection, cut: { channel.eventLoop.execute { own.value.cut() } }) {
            channel.closeFuture.whenComplete { [book] _ in book.leave(connection) }
        } else {
            own.value.cut()
            logger.debug("web connection refused", metadata: ["from": "\(connection.peer)"])
        }
        return http.setup(channel: channel, logger: logger).flatMapThrowing { http in
            let tls = try channel.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self)
            try channel.pipeline.syncOperations.addHandler(own.value, position: .after(tls))
            return Value(http: http, connection: connection)
        }
    }

    func handle(value: Value, logger: Logger) async {
        await WebConnection.$current.withValue(value.connection) {
            await http.handle(value: value.http, logger: logger)
        }
    }
}
