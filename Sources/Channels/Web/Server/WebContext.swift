internal import Exchange
internal import Hummingbird
internal import NIOCore

/// What is known of one request while it is answered.
struct WebContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The channel of the request: of the connection with HTTP/1.1, of the stream with HTTP/2.
    let channel: any Channel
    /// The connection it came over.
    let connection: WebConnection
    /// Set for routes that admit callers only, before they are reached.
    var caller: WebCaller?
    /// Set with `caller`: asks once more who that is, of the directory as it is now.
    var callerNow: (@Sendable () async throws -> WebCaller)?
    /// The language the caller likes best.
    var language = Language.en

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
        connection = WebConnection.current
    }
}
