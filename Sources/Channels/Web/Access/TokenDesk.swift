internal import Exchange
internal import Foundation
internal import Hummingbird
internal import ServiceLifecycle

/// Gives access tokens for client assertions (RFC 6749 section 4.4, RFC 7523 section 2.2).
struct TokenDesk: Sendable {
    static let assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

    let access: Access
    let seen: SeenAssertions
    /// Of this service, at a whole second, as assertions tell theirs.
    let beginning: Date

    /// What is given.
    struct Grant: Sendable {
        let token: String
        /// Seconds.
        let life: Int
        let scope: String
    }

    func grant(_ form: FormFields, _ context: WebContext) async throws -> Grant {
        guard form["grant_type"] == "client_credentials" else {
            throw form["grant_type"] == nil
                ? TokenRefusal(.invalidRequest, "grant_type is missing.")
                : TokenRefusal(.unsupportedGrantType, "Only client_credentials is given.")
        }
        guard form["client_assertion_type"] == TokenDesk.assertionType,
            let assertion = form["client_assertion"]
        else {
            throw TokenRefusal(
                .invalidRequest, "A client proves itself with client_assertion, type jwt-bearer.")
        }
        let (client, certificate, applications) = try await client(
            of: assertion, claiming: form["client_id"], context)
        let scope = try TokenDesk.scope(asked: form["scope"], registered: Access.scopes(for: applications))
        let now = Int(access.now().timeIntervalSince1970)
        let life = Int(access.policy.tokenLife)
        let token = AccessToken(
            iss: access.address.url, aud: access.address.url, sub: client.sender.description,
            client_id: client.description, scope: scope, iat: now, exp: now + life, jti: UUID().uuidString,
            certificate: certificate.description)
        return Grant(token: try token.signed(by: access.key), life: life, scope: scope)
    }

    /// The client an assertion proves, the certificate whose key signed it, and the applications registered for it: all
    /// that may fail for a reason of ours before the assertion is used up.
    private func client(
        of text: String, claiming named: String?, _ context: WebContext
    ) async throws -> (ClientID, Digest, [String]) {
        guard let token = CompactToken(text), let algorithm = AssertionAlgorithm(rawValue: token.header.alg)
        else {
            throw try failure(
                "malformed assertion", context, "The assertion is no JWT signed by an algorithm we know.")
        }
        let claims: AssertionClaims
        do {
            claims = try token.claims(as: AssertionClaims.self)
        } catch {
            throw try failure("malformed claims", context, AssertionClaims.complaint(about: error))
        }
        guard let client = ClientID(claims.iss), named == nil || named == claims.iss else {
            throw try failure("malformed client id", context)
        }
        let (certificates, applications) = try await access.asking(context) {
            directory throws(DirectoryFault) in
            (
                try directory.webCertificates(of: client.sender),
                try directory.webApplications(of: client.sender)
            )
        }
        var signer: CertificateFacts?
        for certificate in certificates where signer == nil {
            let isSigner = await algorithm.verifies(token.signature, of: token.signed, with: certificate)
            signer = isSigner ? certificate : nil
        }
        guard let signer else {
            throw try failure("assertion of no registered certificate", context, as: client.sender)
        }
        // From here on the client is proven: what else is wrong is a mistake of its program and costs nothing.
        let now = access.now()
        let audiences: Set = [access.address.url, access.address.tokenURL]
        try claims.judge(for: audiences, under: access.policy, beginning: beginning, now: now)
        try await reach(claims.iat)
        let end = Date(timeIntervalSince1970: claims.exp + access.policy.clockSkew)
        switch seen.note(claims.jti, of: client.sender, until: end, now: now) {
        case .new:
            context.connection.prove()
            return (client, signer.fingerprint, applications)
        case .seen: throw try failure("assertion used before", context)
        case .full: throw Problem.tooMany("Too many assertions of this sender.", retryAfter: 60)
        }
    }

    /// Waits until it is time for an assertion whose maker's clock is ahead, `clockSkew` at the most. Taken earlier, it
    /// would look to a later run of this service as if that were the first to see it.
    private func reach(_ moment: Double) async throws {
        while case let rest = moment - access.now().timeIntervalSince1970, rest > 0 {
            try await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(rest)) }
        }
    }

    /// - Parameter detail: what is told. The form of an assertion is no secret; for the rest, the same words for all:
    ///   who is registered is nobody's business.
    private func failure(
        _ reason: String, _ context: WebContext,
        _ detail: String = "The assertion is not one of a registered client, or was used before.",
        as sender: SenderNumber? = nil
    ) throws(Problem) -> TokenRefusal {
        try access.noteFailure(context, reason, as: sender)
        return TokenRefusal(.invalidClient, detail)
    }

    /// What is asked for, if all of it is registered; without asking, all that is registered.
    static func scope(asked: String?, registered: Set<WebScope>) throws(TokenRefusal) -> String {
        var granted = registered
        if let asked {
            let words = asked.split(separator: " ")
            granted = Set(words.compactMap { WebScope($0) })
            guard granted.count == Set(words).count, !granted.isEmpty, granted.isSubset(of: registered) else {
                throw TokenRefusal(.invalidScope, "More is asked for than is registered for the sender.")
            }
        }
        guard !granted.isEmpty else {
            throw TokenRefusal(.invalidScope, "No application is registered for the sender's web channel.")
        }
        return granted.sorted().map(\.description).joined(separator: " ")
    }
}
