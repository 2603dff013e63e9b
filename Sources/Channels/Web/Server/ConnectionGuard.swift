internal import Exchange
internal import Foundation
internal import NIOCore
internal import NIOSSL
internal import NIOTLS

/// Stands between TLS and HTTP of one connection: notes the certificate that was shown, and closes the connection
/// when the handshake, the head of a request or, with HTTP/2, any request at all is overdue.
///
/// `HTTPConnectionStateHandler` of Hummingbird closes idle HTTP/1.1 connections. For HTTP/2 Hummingbird only asks
/// the peer to go and waits for its answer, so that is enforced here. Asked to go itself, it closes the connection in
/// the midst of writing the last answer, so that is put off until the answer is out. Used on its event loop only.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Sent to `RequestGuard`: the head of a request is overdue.
    struct HeadOverdue {}

    private enum Phase {
        case handshake, first, second
    }

    private let connection: WebConnection
    private let limits: WebLimits
    private var phase = Phase.handshake
    private var isCut = false
    private var isReadingRequest = false
    private var openRequests = 0
    private var deadline: Scheduled<Void>?
    private var drain: Scheduled<Void>?
    private var context: ChannelHandlerContext?

    init(connection: WebConnection, limits: WebLimits) {
        self.connection = connection
        self.limits = limits
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        guard !isCut else { return context.close(promise: nil) }
        close(context, after: limits.headerTime)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        drain?.cancel()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case TLSUserEvent.handshakeCompleted(let negotiated):
            phase = negotiated == "h2" ? .second : .first
            connection.certificate = peerCertificate(context)
            deadline?.cancel()
            deadline = nil
            if phase == .second { close(context, after: 2 * limits.idleTime) }
        case is ChannelShouldQuiesceEvent:
            let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
            drain = context.eventLoop.scheduleTask(in: TimeAmount(lasting: limits.drainTime)) {
                bound.value.cut()
            }
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if phase == .first, !isReadingRequest, openRequests == 0, deadline == nil {
            let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
            deadline = context.eventLoop.scheduleTask(in: TimeAmount(lasting: limits.headerTime)) {
                bound.value.fireUserInboundEventTriggered(HeadOverdue())
            }
        }
        context.fireChannelRead(data)
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard phase == .second, mode == .all else { return context.close(mode: mode, promise: promise) }
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.eventLoop.execute {
            bound.value.flush()
            bound.value.close(promise: promise)
        }
    }

    /// The head of a request is there. With HTTP/2, of one on any stream.
    func requestBegan() {
        isReadingRequest = true
        openRequests += 1
        deadline?.cancel()
        deadline = nil
    }

    /// All of the last request is there.
    func requestArrived() {
        isReadingRequest = false
    }

    /// A request has been answered, or its stream has gone.
    func requestEnded() {
        openRequests -= 1
        guard phase == .second, openRequests == 0, let context else { return }
        close(context, after: 2 * limits.idleTime)
    }

    /// Closes the connection without TLS taking its leave; one that is not open yet, as soon as it is.
    func cut() {
        isCut = true
        guard let context,
            let tls = try? context.pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self)
        else { return }
        tls.close(promise: nil)
    }

    private func close(_ context: ChannelHandlerContext, after seconds: TimeInterval) {
        deadline?.cancel()
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        deadline = context.eventLoop.scheduleTask(in: TimeAmount(lasting: seconds)) {
            bound.value.close(promise: nil)
        }
    }

    private func peerCertificate(_ context: ChannelHandlerContext) -> Digest? {
        guard let certificate = try? context.pipeline.syncOperations.nioSSL_peerCertificate(),
            let der = try? certificate.toDERBytes()
        else { return nil }
        return Digest(sha256Of: der)
    }
}

extension TimeAmount {
    init(lasting seconds: TimeInterval) { self = .nanoseconds(Int64(seconds * 1e9)) }
}
