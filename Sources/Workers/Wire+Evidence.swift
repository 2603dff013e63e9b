internal import Exchange
internal import Foundation
internal import Validation

// What is said for each set. What is said seldom goes as JSON, below.

extension PurposeRule: Wired {
    func write(to wire: inout WireWriter) {
        wire.write(purpose)
        wire.write(roots)
        wire.write(forms)
        wire.write(formLimit)
    }

    init(from wire: inout WireReader) throws {
        self.init(
            purpose: try wire.read(), roots: try wire.read(), forms: try wire.read(),
            formLimit: try wire.read())
    }
}

extension DocumentLimits: Wired {
    static var fields: [WritableKeyPath<DocumentLimits, Int>] {
        [\.depth, \.attributes, \.namespaces, \.textBytes, \.nameBytes, \.findings]
    }

    func write(to wire: inout WireWriter) {
        for field in DocumentLimits.fields { wire.write(self[keyPath: field]) }
    }

    init(from wire: inout WireReader) throws {
        self.init()
        for field in DocumentLimits.fields { self[keyPath: field] = try wire.read() }
    }
}

extension SignaturePolicy: Wired {
    func write(to wire: inout WireWriter) {
        wire.write(allowsSHA1)
        wire.write(signatureFileLimit)
    }

    init(from wire: inout WireReader) throws {
        self.init()
        allowsSHA1 = try wire.read()
        signatureFileLimit = try wire.read()
    }
}

extension VerifiedSignature.Form: Wired {}

extension VerifiedSignature: Wired {
    func write(to wire: inout WireWriter) {
        for digest in [payloadDigest, signatureDigest, certificate] { wire.write(digest) }
        for text in [subject, issuer, serialHexadecimal, algorithm] { wire.write(text) }
        wire.write(form)
        wire.write(chain)
        wire.write(verifiedAt)
        wire.write(signingTime)
    }

    init(from wire: inout WireReader) throws {
        self.init(
            uncheckedPayloadDigest: try wire.read(), signatureDigest: try wire.read(),
            certificate: try wire.read(),
            subject: try wire.read(), issuer: try wire.read(), serialHexadecimal: try wire.read(),
            algorithm: try wire.read(), form: try wire.read(), chain: try wire.read(),
            verifiedAt: try wire.read(), signingTime: try wire.read())
    }
}

extension ChainEvidence: Wired {
    func write(to wire: inout WireWriter) {
        wire.write(chain)
        wire.write(revocation)
    }

    init(from wire: inout WireReader) throws {
        self.init(chain: try wire.read(), revocation: try wire.read())
    }
}

extension StatusSource.Kind: Wired {}

extension RevocationEvidence: Wired {
    func write(to wire: inout WireWriter) {
        wire.write(certificate)
        wire.write(issuer)
        wire.write(number)
        wire.write(thisUpdate)
        wire.write(nextUpdate)
        wire.write(ageSeconds)
        wire.write(source)
    }

    init(from wire: inout WireReader) throws {
        self.init(
            certificate: try wire.read(), issuer: try wire.read(), number: try wire.read(),
            thisUpdate: try wire.read(), nextUpdate: try wire.read(), ageSeconds: try wire.read(),
            source: try wire.read())
    }
}

extension CheckedDocument: Wired {
    func write(to wire: inout WireWriter) {
        wire.write(digest)
        wire.write(size)
        wire.write(root)
        wire.write(schema)
        wire.write(encoding)
        wire.write(forms)
    }

    init(from wire: inout WireReader) throws {
        self.init(
            digest: try wire.read(), size: try wire.read(), root: try wire.read(), schema: try wire.read(),
            encoding: try wire.read(), forms: try wire.read())
    }
}

extension ReceptionCode: Wired {}

extension Finding: Wired {
    func write(to wire: inout WireWriter) {
        wire.write(code)
        wire.write(file)
        wire.write(place)
        wire.write(detail)
    }

    init(from wire: inout WireReader) throws {
        self.init(
            try wire.read(), file: try wire.read(), place: try wire.read(),
            detail: try wire.text(atMost: String.longestShowable))
    }
}

extension Finding.Place: Wired {
    func write(to wire: inout WireWriter) {
        wire.write(line)
        wire.write(column)
        wire.write(path)
    }

    init(from wire: inout WireReader) throws {
        self.init(
            line: try wire.read(), column: try wire.read(),
            path: try wire.text(atMost: String.longestShowable))
    }
}

/// Said seldom, and told as JSON between other values.
protocol SeldomWired: Wired, Codable {
    /// Bytes of JSON that are read.
    static var longest: Int { get }
}

extension SeldomWired {
    static var longest: Int { 65_536 }

    func write(to wire: inout WireWriter) {
        // Nothing of these cannot be written; if it ever is, it cannot be read either.
        wire.write((try? JSONEncoder().encode(self)) ?? Data())
    }

    init(from wire: inout WireReader) throws {
        let json = try wire.read(Data.self)
        guard json.count <= Self.longest, let value = try? JSONDecoder().decode(Self.self, from: json) else {
            throw WireFault()
        }
        self = value
    }
}

extension Confinement: SeldomWired {}
extension Confinement.Report: SeldomWired {}
extension TrustMaterial: SeldomWired {
    /// The daemon's own, with all revocation lists.
    static var longest: Int { FrameSocket.orderLimit }
}

extension CertificateStatus: SeldomWired {}
extension StatusQuestion: SeldomWired {}
extension Deferral: SeldomWired {}
