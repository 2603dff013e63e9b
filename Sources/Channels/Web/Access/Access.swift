internal import Exchange
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOPosix

/// Who is behind a request: the holder of an access token of ours, or of the registered certificate that was shown
/// in the handshake. Asked of the directory each time, so that what is revoked ends at once, also on open
/// connections and for requests under way.
struct Access: Sendable {
    let directory: any WebDirectory
    let key: AccessTokenKey
    let policy: WebAccessPolicy
    let address: PublicAddress
    let penalties: PenaltyLedger
    let now: @Sendable () -> Date

    /// A token that is there decides alone; only without one the certificate counts. An unregistered certificate is
    /// as good as none.
    ///
    /// - Parameter moment: by which a token may not have run out.
    func caller(of request: Request, _ context: WebContext, at moment: Date) async throws -> WebCaller {
        if let field = request.headers[.authorization] {
            return try await caller(byToken: field, context, at: moment)
        }
        guard let certificate = context.connection.certificate else {
            throw Problem.unauthenticated("There is neither an access token nor a certificate.")
        }
        let found = try await asking(context) {
            directory throws(DirectoryFault) -> (SenderNumber, [String])? in
            guard let sender = try directory.webSender(holding: certificate) else { return nil }
            return (sender, try directory.webApplications(of: sender))
        }
        guard let (sender, applications) = found else {
            throw Problem.unauthenticated("The certificate that was shown is not registered, or no longer.")
        }
        return WebCaller(sender: sender, proof: .certificate, scopes: Access.scopes(for: applications))
    }

    private func caller(
        byToken field: String, _ context: WebContext, at moment: Date
    ) async throws -> WebCaller {
        let pieces = field.split(separator: " ", maxSplits: 1)
        guard pieces.count == 2, pieces[0].lowercased() == "bearer" else {
            throw Problem.unauthenticated("Authorization holds no Bearer token.", error: "invalid_request")
        }
        let token: AccessToken
        do {
            token = try AccessToken.read(pieces[1], key: key, issuer: address.url, now: moment)
        } catch {
            if error == .forged { try noteFailure(context, "forged token") }
            throw Access.refusal(
                error == .expired ? "The token has expired." : "The token is not of this service.")
        }
        guard let sender = SenderNumber(token.sub) else {
            throw Access.refusal("The token is not of this service.")
        }
        let (isGood, applications) = try await asking(context) { directory throws(DirectoryFault) in
            (
                try directory.webCertificates(of: sender).contains {
                    $0.fingerprint.description == token.certificate
                },
                try directory.webApplications(of: sender)
            )
        }
        guard isGood else {
            throw Access.refusal("The certificate the token was given for no longer stands.")
        }
        return WebCaller(
            sender: sender, proof: .token, scopes: token.scopes.intersection(Access.scopes(for: applications))
        )
    }

    /// Counts a failure of the address, or refuses it when it pays for earlier ones. To be asked once a proof has
    /// failed, never before: a caller whose proof stands does not pay for its neighbours. What looking at proofs
    /// costs us is bounded by the requests an address has (`WebLimits.requestsPerAddress`).
    ///
    /// - Parameter sender: the one that was claimed, when one was.
    func noteFailure(
        _ context: WebContext, _ reason: String, as sender: SenderNumber? = nil
    ) throws(Problem) {
        let now = WebClock.now()
        let seconds = penalties.penalty(of: context.connection.peer, at: now)
        guard seconds == 0 else {
            throw .tooMany(
                "Too many failed authentications from this address.", retryAfter: Int(seconds.rounded(.up)))
        }
        penalties.noteFailure(from: context.connection.peer, as: sender?.description, at: now)
        context.logger.notice(
            "web authentication failed",
            metadata: ["from": "\(context.connection.peer)", "reason": "\(reason)"])
    }

    /// Asks the directory, which may read a disk, on a thread of its own.
    ///
    /// - Throws: `Problem` when it cannot be read: that is nobody's failure to prove anything.
    func asking<Answer: Sendable>(
        _ context: WebContext,
        _ question: @escaping @Sendable (any WebDirectory) throws(DirectoryFault) -> Answer
    ) async throws -> Answer {
        do {
            return try await NIOThreadPool.singleton.runIfActive { [directory] in try question(directory) }
        } catch let fault as DirectoryFault {
            context.logger.error(
                "the registry cannot be read: nobody is admitted", metadata: ["fault": "\(fault)"])
            throw Problem.unavailable("Callers cannot be told apart now.", retryAfter: 10)
        }
    }

    /// Everything that can be done for these applications.
    static func scopes(for applications: [String]) -> Set<WebScope> {
        Set(
            applications.flatMap { application in
                WebScope.Right.allCases.map { WebScope($0, for: application) }
            })
    }

    private static func refusal(_ detail: String) -> Problem {
        .unauthenticated(detail, error: "invalid_token")
    }
}
