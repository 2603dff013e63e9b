internal import Logging
internal import NIOCore
internal import NIOExtras
internal import NIOPosix
internal import ServiceLifecycle

/// The socket that is listened on.
struct WebListener: Sendable {
    typealias Accepted = NIOAsyncChannel<WebChildChannel.Value, Never>

    let accepted: Accepted
    private let connections: WebChildChannel
    private let quiescing: ServerQuiescingHelper
    private let logger: Logger

    /// Binds and accepts; connections wait for `serve`.
    init(host: String, port: Int, connections: WebChildChannel, logger: Logger) async throws(WebServerFault) {
        let group = MultiThreadedEventLoopGroup.singleton
        let quiescing = ServerQuiescingHelper(group: group)
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            // A peer may say it has asked all and still read the answers.
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptPause(logger: logger))
                    try channel.pipeline.syncOperations.addHandler(
                        quiescing.makeServerChannelHandler(channel: channel))
                }
            }
        do {
            accepted = try await bootstrap.bind(host: host, port: port) { channel in
                connections.setup(channel: channel, logger: logger)
            }
        } catch {
            throw .address("\(host):\(port): \(error)")
        }
        self.connections = connections
        self.quiescing = quiescing
        self.logger = logger
    }

    /// Numeric host, and port.
    var address: (host: String, port: Int) {
        let local = accepted.channel.localAddress
        return (local?.ipAddress ?? "", local?.port ?? 0)
    }

    /// Serves until graceful shutdown, and the requests under way then to their end or the drain time.
    func serve() async throws {
        try await withGracefulShutdownHandler {
            // An error of the listening socket must not cancel what is under way.
            let fault = await withDiscardingTaskGroup(returning: (any Error)?.self) { group in
                do {
                    try await accept { connection in
                        group.addTask { await connections.handle(value: connection, logger: logger) }
                    }
                    return nil
                } catch {
                    return error
                }
            }
            if let fault, !Task.isShuttingDownGracefully { throw fault }
        } onGracefulShutdown: {
            quiescing.initiateShutdown(promise: nil)
        }
    }

    private func accept(_ take: (WebChildChannel.Value) -> Void) async throws {
        try await accepted.executeThenClose { inbound in
            for try await connection in inbound { take(connection) }
        }
    }
}
