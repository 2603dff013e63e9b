public import Exchange
public import Foundation
public import Registry
internal import Validation

/// Registers senders, channels and trust: the rules that need OpenSSL or the catalogue are judged here, the structural
/// ones by the registry itself.
public struct Registrar: Sendable {
    private let registry: Registry
    private let catalogue: ApplicationCatalogue
    private let time: Date

    public init(registry: Registry, catalogue: ApplicationCatalogue, time: Date) {
        self.registry = registry
        self.catalogue = catalogue
        self.time = time
    }

    /// Why something was not registered, in one sentence for the person who tried.
    public struct Refusal: Error, Sendable, CustomStringConvertible {
        public let description: String
    }

    /// - Parameters:
    ///   - certificates: files as given, `.cer` or `.pem`.
    ///   - keys: OpenSSH `.pub` files as given.
    ///   - password: for FTP; nil when the sender has no account of its own at the server.
    public func addChannel(
        _ kind: ChannelKind, to sender: SenderNumber, certificates: [[UInt8]], keys: [[UInt8]],
        applications: [String],
        preferring: [String], password: FTPPassword? = nil
    ) throws {
        let keys = try keys.map(key)
        let certificates = try certificates.map(certificate)
        for code in applications + preferring where catalogue.application(code: code) == nil {
            let known = catalogue.applications.map(\.code).joined(separator: ", ")
            throw Refusal(description: "unknown application '\(code)'; the catalogue has \(known)")
        }
        if let stray = preferring.first(where: { !applications.contains($0) }) {
            throw Refusal(description: "'\(stray)' cannot be preferred on a channel that does not hold it")
        }
        guard !applications.isEmpty else {
            throw Refusal(description: "a channel needs at least one application")
        }
        guard !certificates.isEmpty else { throw Refusal(description: "a channel needs a certificate") }
        guard kind != .sftp || !keys.isEmpty else {
            throw Refusal(description: "an SFTP channel needs an SSH public key")
        }
        guard kind == .sftp || keys.isEmpty else {
            throw Refusal(description: "an SSH key belongs to an SFTP channel, not to \(kind.rawValue)")
        }
        try registry.addChannel(
            NewChannel(
                kind: kind, certificates: certificates, keys: keys, applications: applications,
                preferring: preferring, password: password),
            to: sender)
    }

    /// A further certificate for a channel: renewal with overlap.
    public func addCertificate(
        _ file: [UInt8], validFrom: Date?, validUntil: Date?, to kind: ChannelKind, of sender: SenderNumber
    ) throws {
        try registry.addCertificate(
            try certificate(file), validFrom: validFrom, validUntil: validUntil, to: kind, of: sender)
    }

    /// A further SSH key for the SFTP channel: renewal with overlap.
    public func addKey(_ file: [UInt8], validFrom: Date?, validUntil: Date?, of sender: SenderNumber) throws {
        try registry.addKey(
            try key(file), validFrom: validFrom, validUntil: validUntil, to: .sftp, of: sender)
    }

    /// One or more authorities of one file; returns what was added.
    public func addAuthorities(_ file: [UInt8]) throws -> [CertificateFacts] {
        let authorities: [CertificateFacts]
        do {
            authorities = try CertificateFacts.readAuthorities(file)
        } catch {
            throw Refusal(description: error.sentence)
        }
        for authority in authorities {
            guard authority.notAfter > time else {
                throw Refusal(
                    description:
                        "the authority \(authority.subject) expired on \(authority.notAfter.ISO8601Format())")
            }
            try registry.addAuthority(authority)
        }
        return authorities
    }

    /// Accepts an authority no longer, nor the revocation lists that only it vouched for.
    public func removeAuthority(_ fingerprint: Digest) throws {
        try registry.removeAuthority(fingerprint)
        let remaining = try registry.authorities().map(\.facts)
        for list in try registry.revocationLists()
        where (try? TrustStore.check(list, authorities: remaining)) == nil {
            try registry.removeRevocationList(list.fingerprint)
        }
    }

    /// Sets where the revocation of what an authority issued is learnt. Of a responder the status of every certificate
    /// registered, and of every authority, that it issued is asked for at once.
    public func setSource(_ source: StatusSource, of fingerprint: Digest) throws {
        try registry.setSource(source, of: fingerprint)
        let authorities = try registry.authorities()
        guard let authority = authorities.first(where: { $0.facts.fingerprint == fingerprint }) else {
            return
        }
        let registered = try registry.currentCertificates(at: time).map(\.facts)
        for certificate in registered + authorities.map(\.facts)
        where certificate.issuer != certificate.subject {
            try ask(for: certificate, by: authority)
        }
    }

    /// A revocation list of an accepted authority, signed by it.
    public func addRevocationList(_ file: [UInt8]) throws -> RevocationListFacts {
        let list: RevocationListFacts
        do {
            list = try RevocationListFacts.read(file)
            try TrustStore.check(list, authorities: registry.authorities().map(\.facts))
        } catch let fault as CertificateFault {
            throw Refusal(description: fault.sentence)
        }
        try registry.addRevocationList(list)
        return list
    }

    private func key(_ file: [UInt8]) throws -> SSHPublicKey {
        do {
            return try SSHPublicKey(file: String(decoding: file, as: UTF8.self))
        } catch {
            switch error {
            case .notAKey: throw Refusal(description: "the file holds no SSH public key")
            case .privateKey:
                throw Refusal(description: "that is a private key; keep it secret and give the .pub file")
            case .unsupportedAlgorithm(let name):
                throw Refusal(
                    description: "SSH keys of kind '\(name)' are not taken; Ed25519, ECDSA or RSA are")
            case .weak(let bits):
                throw Refusal(description: "the RSA key has \(bits) bits; 2048 are the least")
            }
        }
    }

    private func certificate(_ file: [UInt8]) throws -> CertificateFacts {
        do {
            let facts = try CertificateFacts.read(file)
            guard !facts.isAuthority else { throw CertificateFault.isAnAuthority }
            try judge(facts)
            return facts
        } catch let fault as CertificateFault {
            throw Refusal(description: fault.sentence)
        } catch let fault as ChainFault {
            throw Refusal(description: fault.sentence)
        }
    }
    /// What is not known of its revocation yet is learnt by the time it signs: until then its sets wait.
    private func judge(_ certificate: CertificateFacts) throws {
        let trust = try TrustStore(of: registry, statuses: registry)
        do throws(ChainFault) {
            _ = try trust.judge(certificate, intermediates: [], at: time)
        } catch {
            guard case .revocationUnknown = error else { throw error }
        }
        for authority in try registry.authorities() { try ask(for: certificate, by: authority) }
    }

    private func ask(for certificate: CertificateFacts, by authority: AuthorityRecord) throws {
        guard authority.source.kind == .responder, certificate.isIssued(by: authority.facts) else { return }
        try registry.askStatus(
            of: certificate.fingerprint, serial: certificate.serialHexadecimal,
            by: authority.facts.fingerprint)
    }
}
