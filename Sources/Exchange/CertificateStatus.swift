public import struct Foundation.Date

/// What a responder said of one certificate.
public struct CertificateStatus: Sendable, Hashable, Codable {
    /// Nil: the certificate is good.
    public let revokedAt: Date?
    public let thisUpdate: Date
    public let nextUpdate: Date?
    /// When it was said, by our clock.
    public let fetchedAt: Date

    public init(revokedAt: Date?, thisUpdate: Date, nextUpdate: Date?, fetchedAt: Date) {
        self.revokedAt = revokedAt
        self.thisUpdate = thisUpdate
        self.nextUpdate = nextUpdate
        self.fetchedAt = fetchedAt
    }
}

/// What responders said, as far as it is held. Never asks over the network.
public protocol StatusDirectory: Sendable {
    /// Nil when nothing is held. How old it may be is for the caller to judge.
    ///
    /// - Parameters:
    ///   - certificate: its SHA-256.
    ///   - serial: its serial number, hexadecimal in capitals.
    ///   - authority: SHA-256 of the certificate of the authority that issued it.
    func status(
        of certificate: Digest, serial: String, by authority: Digest
    ) throws(Deferral) -> CertificateStatus?
}

/// Brings what authorities publish about revocation. Every call blocks for a bounded time.
public protocol StatusFetcher: Sendable {
    /// The revocation list at an address, unread and unverified.
    func list(at url: String) throws(StatusFault) -> [UInt8]
    /// What the responder at an address answers to a request, both in DER; unread and unverified.
    func answer(to request: [UInt8], at url: String) throws(StatusFault) -> [UInt8]
}

/// Why a status was not learnt.
public struct StatusFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// The responder is well and does not know the certificate.
    public let isUnknownCertificate: Bool
    /// One English sentence for the operator; words of a peer in it are printable and cut short.
    public let sentence: String

    public init(_ sentence: String, isUnknownCertificate: Bool = false) {
        self.sentence = sentence
        self.isUnknownCertificate = isUnknownCertificate
    }

    public var description: String { sentence }
}
