internal import Exchange
internal import Hummingbird

extension WebContext {
    /// Who is behind the request. Routes that admit callers only are not reached without one.
    var provenCaller: WebCaller {
        get throws {
            guard let caller else { throw Problem.unauthenticated("Who is asking has not been proven.") }
            return caller
        }
    }

    /// The caller as the directory knows it now. To be asked for after whatever lasted, a body or a wait, before
    /// anything is made of it: a sender that was blocked meanwhile, or lost its certificate, is refused.
    var callerStillProven: WebCaller {
        get async throws {
            guard let callerNow else { return try provenCaller }
            return try await callerNow()
        }
    }
}

extension Request {
    /// The ticket in the path. A word that cannot be one is as little found as one that nobody has.
    func ticket(_ context: WebContext) throws -> Ticket {
        guard let ticket = context.parameters.get("ticket").flatMap({ Ticket($0) }) else {
            throw Problem.notFound("There is no such ticket.")
        }
        return ticket
    }

    /// What the caller asked for with `Prefer`.
    var preference: Preference { Preference(headers[values: .prefer]) }

    /// Bytes the body is announced to have; nil when nothing is announced.
    var announcedSize: UInt64? {
        headers[.contentLength].flatMap { UInt64($0) }
    }

    /// The type of the body; nil when it has none, or a field that cannot be understood.
    var bodyType: ParameterisedField? {
        headers[.contentType].flatMap { ParameterisedField($0.utf8) }
    }

    /// Refuses a body that is announced to be larger than the resource can hold.
    func requireBody(upTo bound: UInt64) throws(Problem) {
        if let size = announcedSize, size > bound {
            throw .tooLarge("The body has more than \(bound) bytes.")
        }
    }
}
