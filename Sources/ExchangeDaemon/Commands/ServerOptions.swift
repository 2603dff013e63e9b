internal import ArgumentParser
internal import Channels
internal import Exchange
internal import Foundation
internal import SenderClient
internal import Validation

/// Who the sender is at a server, and how it knows that the server is the right one.
struct ServerOptions: ParsableArguments {
    @Option(help: "The private key for SFTP; without it the agent is asked.") var identity: String?
    @Option(help: "A file with the host keys of SFTP servers; otherwise ~/.ssh/known_hosts.") var knownHosts:
        String?
    @Option(help: "The fingerprint of the server's host key, SHA256:…; may be given several times.")
    var hostKey: [String] = []
    @Option(
        help:
            "A PEM file of the authorities of the server, for FTP and HTTPS; otherwise those of the machine.")
    var tlsAuthority: String?
    @Flag(help: "Speak FTP without TLS: everybody on the way can read and change everything.") var plaintext =
        false
    @Option(
        help: "A file whose first line is the passphrase of --identity or --tls-key, or the password for FTP."
    )
    var passwordFile: String?

    func target(_ text: String) throws -> SubmissionTarget {
        do {
            return try SubmissionTarget(text, isPlaintextAllowed: plaintext)
        } catch {
            throw CommandFailure(.usage, error.description)
        }
    }

    /// Nil for a web service.
    func place(of target: SubmissionTarget) throws -> RemotePlace? {
        var access = ServerAccess()
        access.identity = identity.map(IdentityFile.init)
        access.knownHosts = knownHosts
        access.hostKeys = hostKey
        access.authorities = tlsAuthority
        access.secret = passwordFile.map(SecretSource.file) ?? .terminal
        do {
            return try access.server(of: target)
        } catch {
            throw CommandFailure(.failed, error.description)
        }
    }
}

/// The key that signs sets and asks for tokens.
struct KeyOptions: ParsableArguments {
    @Option(help: "The private key: PEM, DER, PKCS#12, or a pkcs11: URI.") var key: String?
    @Option(help: "Its certificate, PEM or DER; PKCS#12 files and tokens bring their own.") var certificate:
        String?
    @Option(help: "The PKCS#11 module of the token; otherwise PKCS11_MODULE_PATH.") var pkcs11Module: String?
    @Option(help: "A file whose first line is the passphrase or PIN; otherwise the terminal is asked.")
    var passphraseFile: String?
    @Option(help: "An open descriptor with the passphrase or PIN on a line.") var passphraseFd: Int32?

    var secret: SecretSource {
        passphraseFile.map(SecretSource.file) ?? passphraseFd.map(SecretSource.descriptor) ?? .terminal
    }

    /// Nil when none is named.
    func open() throws -> OpenKey? {
        guard let key else { return nil }
        let module = pkcs11Module ?? ProcessInfo.processInfo.environment["PKCS11_MODULE_PATH"]
        do {
            return try KeySource(key).open(certificate: certificate, module: module, secret: secret)
        } catch {
            throw CommandFailure(.failed, "\(error)")
        }
    }
}

/// A web service, and how the sender proves itself there.
struct WebOptions: ParsableArguments {
    @Option(help: "The client number at the web service; otherwise ecluse_ and the sender's number.")
    var clientId: String?
    @Option(help: "What the assertion is for, when the service knows itself by another address.")
    var audience: String?
    @Option(help: "A certificate to show in the handshake in the place of a token, PEM.") var tlsCertificate:
        String?
    @Option(help: "The key of --tls-certificate, PEM.") var tlsKey: String?

    /// - Parameter sender: six digits, when they are known.
    func settings(base: String, sender: String?, key: OpenKey?, server: ServerOptions) throws -> WebSettings {
        var settings = WebSettings(base: base, proof: try proof(sender: sender, key: key, server: server))
        settings.audience = audience
        settings.trust = CurlTrust(authoritiesFile: server.tlsAuthority)
        return settings
    }

    private func proof(sender: String?, key: OpenKey?, server: ServerOptions) throws -> WebSettings.Proof {
        if let tlsCertificate, let tlsKey {
            let identity = IdentityFile(tlsKey)
            do {
                return try .certificate(
                    identity.handshake(
                        certificate: tlsCertificate,
                        secret: server.passwordFile.map(SecretSource.file) ?? .terminal))
            } catch {
                throw CommandFailure(.failed, error.description)
            }
        }
        guard let key else {
            throw CommandFailure(
                .usage, "give --key, or --tls-certificate and --tls-key, to be known at the web service")
        }
        guard let client = clientId ?? sender.map(WebSettings.usualClientID) else {
            throw CommandFailure(.usage, "give --client-id or --sender")
        }
        return .assertion(key.key, clientID: client)
    }
}

/// Whose signatures on receipts and other answers are believed.
struct ReceiptTrustOptions: ParsableArguments {
    @Option(help: "The certificate that signs receipts; may be given several times.") var receiptCertificate:
        [String] = []
    @Option(help: "Authorities whose certificates may sign receipts, PEM; may be given several times.")
    var authority: [String] = []

    func trust() throws -> ReceiptSignature.Trust {
        do {
            return try .read(certificates: receiptCertificate, authorities: authority)
        } catch {
            throw CommandFailure(.failed, error.description)
        }
    }
}
