internal import Exchange
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPTypes

/// Stands between HTTP and the routes, on a connection with HTTP/1.1 and on each stream with HTTP/2: answers what
/// is no request, limits the body while it is read, and tells a body that was cut short from one that ended.
///
/// Hummingbird takes the end of a connection for the end of a body, reads on after an early answer as long as the
/// peer likes, and does not answer `Expect: 100-continue`. Used on its event loop only.
final class RequestGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// What reading a body throws when it ended too early, whatever broke the connection, or was ended by us.
    struct BodyCut: Error {}

    /// Triggered outbound by a route that wants the body: as many bytes may come.
    struct BodyWanted {
        let bytes: Int
    }

    /// Bytes taken and thrown away after an early answer, so that the peer comes to read it.
    private static let lingeringBytes = 64 * 1024

    private let limits: WebLimits
    private var owner: ConnectionGuard?
    private var isFirstVersion = false
    private var reading = BodyReading(of: nil)
    private var begun = 0
    private var answersBegun = 0
    private var answersEnded = 0
    private var isReadHeld = false
    private var isOver = false
    private var timer: Scheduled<Void>?
    private var stall: Scheduled<Void>?

    init(limits: WebLimits) {
        self.limits = limits
    }

    private static let tooLarge = Problem.tooLarge("The body has more bytes than are taken here.")

    func handlerAdded(context: ChannelHandlerContext) {
        if let own = try? context.pipeline.syncOperations.handler(type: ConnectionGuard.self) {
            owner = own
            isFirstVersion = true
        } else if let parent = context.channel.parent, parent.eventLoop.inEventLoop {
            owner = try? parent.pipeline.syncOperations.handler(type: ConnectionGuard.self)
        }
    }

    // What comes in.
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            begin(head, context)
            guard head.headerFields.count <= limits.headerFields else {
                return answer(
                    Problem(.headersTooLarge, "More header fields than \(limits.headerFields)."), context)
            }
        case .body(let bytes):
            reading.pace.took(bytes.readableBytes, at: .now())
            guard !reading.isTooLarge else { return answer(RequestGuard.tooLarge, context) }
            guard !reading.isUnwanted else { return }
        case .end:
            reading.isWhole = true
            timer?.cancel()
            owner?.requestArrived()
            if reading.isUnwanted { return cut(context) }
        }
        context.fireChannelRead(data)
    }

    func read(context: ChannelHandlerContext) {
        guard !isOver, !reading.mustWait else {
            isReadHeld = true
            return
        }
        if !reading.isWhole { reading.pace.asked(at: .now()) }
        context.read()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? HTTPParserError, !isOver {
            answer(
                error == .headerOverflow
                    ? Problem(.headersTooLarge, "The header fields are too many or too large.")
                    : .malformed("This is no request of HTTP/1.1."), context)
        }
        context.fireErrorCaught(BodyCut())
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ConnectionGuard.HeadOverdue:
            return answer(Problem(.tooSlow, "The head of the request took too long."), context)
        case ChannelEvent.inputClosed where !reading.isWhole: context.fireErrorCaught(BodyCut())
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// An answer nobody reads is given up. Bytes trickling out make the channel writable again, but only when half
    /// of its buffer has gone.
    func channelWritabilityChanged(context: ChannelHandlerContext) {
        stall?.cancel()
        stall = nil
        if !context.channel.isWritable {
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            stall = context.eventLoop.scheduleTask(in: TimeAmount(lasting: limits.idleTime)) {
                bound.value.0.cut(bound.value.1)
            }
        }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        stall?.cancel()
        for _ in answersEnded..<begun { owner?.requestEnded() }
        answersEnded = begun
        if !reading.isWhole { context.fireErrorCaught(BodyCut()) }
        context.fireChannelInactive()
    }

    // What goes out.
    func triggerUserOutboundEvent(
        context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?
    ) {
        guard let wanted = event as? BodyWanted else {
            return context.triggerUserOutboundEvent(event, promise: promise)
        }
        let isAwaited = reading.want(wanted.bytes)
        if reading.isTooLarge {
            answer(RequestGuard.tooLarge, context)
        } else if isAwaited, !isOver {
            context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
        }
        releaseRead(context)
        promise?.succeed()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !isOver else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(var head):
            guard head.status.kind != .informational else { break }
            answersBegun += 1
            if isFirstVersion, answersBegun == begun, !reading.isWhole {
                head.headerFields[.connection] = "close"
            }
            return context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body: break
        case .end:
            answersEnded += 1
            owner?.requestEnded()
            if answersEnded == begun, !reading.isWhole { linger(context) }
        }
        context.write(data, promise: promise)
    }

    private func begin(_ head: HTTPRequest, _ context: ChannelHandlerContext) {
        reading = BodyReading(of: head)
        reading.pace.asked(at: .now())
        begun += 1
        owner?.requestBegan()
        watchPace(context)
    }

    private func watchPace(_ context: ChannelHandlerContext) {
        let left = reading.pace.secondsLeft(grace: limits.bodyGrace, slowest: limits.slowestBody, at: .now())
        guard left > 0 else { return answer(Problem(.tooSlow, "The body came too slowly."), context) }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(in: TimeAmount(lasting: max(left, 0.05))) {
            bound.value.0.watchPace(bound.value.1)
        }
    }

    private func releaseRead(_ context: ChannelHandlerContext) {
        guard isReadHeld else { return }
        isReadHeld = false
        read(context: context)
    }

    private func linger(_ context: ChannelHandlerContext) {
        reading.letGo(of: Self.lingeringBytes)
        cut(context, after: limits.lingeringTime)
        releaseRead(context)
    }

    /// Answers in place of the routes, if they have not begun to, and ends the connection or stream.
    private func answer(_ problem: Problem, _ context: ChannelHandlerContext) {
        isOver = true
        if answersEnded == answersBegun, begun - answersEnded <= 1 {
            var (fields, document) = problem.content(in: .en, request: RequestID().description)
            if isFirstVersion { fields[.connection] = "close" }
            let head = HTTPResponse(status: problem.status, headerFields: fields)
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            if !reading.isHead { context.write(wrapOutboundOut(.body(document)), promise: nil) }
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
        cut(context, after: limits.lingeringTime)
        context.fireErrorCaught(BodyCut())
    }

    private func cut(_ context: ChannelHandlerContext, after seconds: TimeInterval) {
        timer?.cancel()
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(in: TimeAmount(lasting: seconds)) {
            bound.value.0.cut(bound.value.1)
        }
    }

    /// Without TLS taking its leave, for which it would read on for seconds.
    private func cut(_ context: ChannelHandlerContext) {
        guard isFirstVersion, let owner else { return context.close(promise: nil) }
        owner.cut()
    }
}
