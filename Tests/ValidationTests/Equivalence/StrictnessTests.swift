import Exchange
import Testing

@testable import TestExaminers
@testable import Validation

/// A case of each way in which we are stricter than `CMS_verify`, and of each in which we once were not.
@Suite struct StrictnessTests {
    private let signedData = [1, 0]
    private let signerInfo = [1, 0, -1, 0]

    /// Signs, changes the message, and says who takes it.
    private func outcome(
        _ options: String = "", _ kind: CertificateMint.KeyKind = .p256,
        _ change: (inout MessageTree) throws -> Void
    ) throws -> Agreement? {
        try outcome(options, kind) { shop, message in
            var tree = try #require(MessageTree(message))
            try change(&tree)
            return tree.encoded
        }
    }

    private func outcome(
        _ options: String = "", _ kind: CertificateMint.KeyKind = .p256,
        of change: (SignatureWorkshop, [UInt8]) throws -> [UInt8]
    ) throws -> Agreement? {
        let shop = try SignatureWorkshop(kind)
        try shop.sign(options)
        try shop.write("signature", try change(shop, shop.read("signature")))
        let comparison = try shop.compare(
            trust: shop.trust(), registered: [shop.leaf], at: SignatureWorkshop.now)
        if comparison.outcome == nil { Issue.record("\(comparison.ours), OpenSSL \(comparison.reference)") }
        return comparison.outcome
    }

    /// Appends to the children of the element.
    private func append(_ more: [MessageTree], _ element: inout MessageTree) {
        guard case .elements(let tag, let children, let length) = element else { return }
        element = .elements(tag: tag, children + more, length)
    }

    private func attribute(_ type: [UInt8], _ values: [MessageTree]) -> MessageTree {
        .elements(tag: 0x30, [.bytes(tag: 0x06, type), .elements(tag: 0x31, values)])
    }

    private let unknownType: [UInt8] = [0x2A, 0x03, 0x04]
    private let rsa = SignatureScheme.rsaEncryption.dropLast()

    @Test func `versions that no standard has are refused`() throws {
        for path in [signedData + [0], signerInfo + [0]] {
            let found = try outcome { try $0.edit(path[...]) { $0 = .bytes(tag: 0x02, [2]) } }
            #expect(found == .stricter(.version))
        }
    }

    @Test func `a digest that is listed without being used has to be an allowed one`() throws {
        let md5: MessageTree = .elements(
            tag: 0x30,
            [.bytes(tag: 0x06, [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x02, 0x05]), .bytes(tag: 0x05, [])])
        let found = try outcome { try $0.edit((signedData + [1])[...]) { append([md5], &$0) } }
        #expect(found == .stricter(.digests))
    }

    /// MD5 and SHA-384 with RSA.
    @Test(arguments: [0x04, 0x0C] as [UInt8])
    func `a signature algorithm that names another digest is refused`(last: UInt8) throws {
        let found = try outcome("", .rsa(bits: 2048)) {
            try $0.edit((signerInfo + [4, 0])[...]) { $0 = .bytes(tag: 0x06, Array(rsa + [last])) }
        }
        #expect(found == .stricter(.algorithms))
    }

    @Test func `parameters that an algorithm does not have are refused`() throws {
        let parameter = MessageTree.bytes(tag: 0x02, [1])
        let paths: [([Int], Strictness)] = [
            (signedData + [1, 0, 1], .digests), (signerInfo + [2, 1], .algorithms),
            (signerInfo + [4, 1], .algorithms),
        ]
        for (path, strictness) in paths {
            let found = try outcome("", .rsa(bits: 2048)) { message in
                try message.edit(path.dropLast()[...]) { algorithm in
                    guard case .elements(let tag, let parts, let length) = algorithm else { return }
                    algorithm = .elements(tag: tag, [parts[0], parameter], length)
                }
            }
            #expect(found == .stricter(strictness), "\(path)")
        }
    }

    @Test func `digests by the dozen are refused`() throws {
        #expect(try outcome { try repeatFirst(of: signedData + [1], 8, in: &$0) } == .stricter(.digests))
    }

    /// Appends the first of the elements at a place to them, so many times.
    private func repeatFirst(of path: [Int], _ count: Int, in message: inout MessageTree) throws {
        try message.edit(path[...]) { set in
            guard case .elements(_, let elements, _) = set else { return }
            append(Array(repeating: elements[0], count: count), &set)
        }
    }

    @Test func `strings in pieces are refused`() throws {
        let value = try outcome {
            try $0.edit((signerInfo + [5])[...]) { value in
                guard case .bytes(_, let bytes, _) = value else { return }
                value = .elements(
                    tag: 0x24,
                    [.bytes(tag: 0x04, Array(bytes.prefix(9))), .bytes(tag: 0x04, Array(bytes.dropFirst(9)))])
            }
        }
        #expect(value == .stricter(.pieces))
        let identifier = try outcome("-keyid") {
            try $0.edit((signerInfo + [1])[...]) { identifier in
                guard case .bytes(_, let bytes, _) = identifier else { return }
                identifier = .elements(tag: 0xA0, [.bytes(tag: 0x04, bytes)])
            }
        }
        #expect(identifier == .stricter(.identifier))
    }

    @Test func `certificates by the dozen are refused`() throws {
        #expect(try outcome { try repeatFirst(of: signedData + [3], 32, in: &$0) } == .stricter(.embedded))
    }

    @Test func `a length of five octets is refused`() throws {
        let found = try outcome(of: { _, message in
            let element = try #require(BERElement(whole: message))
            let count = withUnsafeBytes(of: UInt32(element.contents.count).bigEndian) { Array($0) }
            return [0x30, 0x85, 0] + count + element.contents
        })
        #expect(found == .stricter(.lengths))
    }

    @Test func `an attribute that stands twice is refused, signed for or not`() throws {
        let twice = Array(repeating: attribute(unknownType, [.bytes(tag: 0x02, [1])]), count: 2)
        let found = try outcome(of: { shop, message in try shop.resign(message) { append(twice, &$0) } })
        #expect(found == .stricter(.attributes))
    }

    // What follows was taken once, though no other program reads it.

    @Test func `what is embedded is a certificate or a list`() throws {
        for tag: UInt8 in [0xA0, 0xA1] {
            let found = try outcome("-nocerts") { message in
                try message.edit(signedData[...]) { data in
                    guard case .elements(let own, var fields, let length) = data else { return }
                    fields.insert(
                        .elements(tag: tag, [.elements(tag: 0x30, [.bytes(tag: 0x02, [1])])]), at: 3)
                    data = .elements(tag: own, fields, length)
                }
            }
            #expect(found == .bothRefuse, "\(tag)")
        }
    }

    @Test func `an embedded list that can be read keeps nothing out`() throws {
        let found = try outcome(of: { shop, message in
            let list = try CertificateMint.revocationList(
                .init(revoked: [], number: 1, thisUpdate: SignatureWorkshop.now, nextUpdate: nil),
                issuer: shop.root)
            var tree = try #require(MessageTree(message))
            try tree.edit(signedData[...]) { data in
                guard case .elements(let own, var fields, let length) = data else { return }
                fields.insert(
                    .elements(tag: 0xA1, [try #require(MessageTree(list.der))]), at: fields.count - 1)
                data = .elements(tag: own, fields, length)
            }
            return tree.encoded
        })
        #expect(found == .bothAccept)
    }

    @Test func `unsigned attributes can be read and are not such as must be signed`() throws {
        func unsigned(_ attributes: [MessageTree]) throws -> Agreement? {
            try outcome { message in
                try message.edit(signerInfo[...]) { append([.elements(tag: 0xA1, attributes)], &$0) }
            }
        }
        let value = MessageTree.bytes(tag: 0x02, [1])
        #expect(try unsigned([attribute(unknownType, [value])]) == .bothAccept)
        #expect(try unsigned([attribute(unknownType, [.bytes(tag: 0x02, [0, 1])])]) == .bothRefuse)
        #expect(try unsigned([attribute([0x80, 0x01], [value])]) == .bothRefuse)
        #expect(try unsigned([value]) == .bothRefuse)
        let time = MessageTree.bytes(tag: 0x17, Array("250615000000Z".utf8))
        #expect(try unsigned([attribute(CMSIdentifier.signingTime, [time])]) == .bothRefuse)
    }

    @Test func `signed attributes are those that whoever encodes them anew has signed for`() throws {
        func signed(_ attributes: [MessageTree], isAsWritten: Bool = false) throws -> Agreement? {
            try outcome(of: { shop, message in
                try shop.resign(message, isAsWritten: isAsWritten) { append(attributes, &$0) }
            })
        }
        let (one, two) = (MessageTree.bytes(tag: 0x02, [1]), MessageTree.bytes(tag: 0x02, [2]))
        #expect(try signed([attribute(unknownType, [one, two])]) == .bothAccept)
        #expect(try signed([attribute(unknownType, [two, one])]) == .bothRefuse)
        let indefinite = MessageTree.elements(tag: 0x30, [one], .indefinite)
        #expect(try signed([attribute(unknownType, [indefinite])]) == .bothRefuse)
        #expect(try signed([attribute([0x80, 0x01], [one])]) == .bothRefuse)
        #expect(try signed([attribute(CMSIdentifier.countersignature, [one])]) == .bothRefuse)
    }

    @Test func `an attribute that has one value has one`() throws {
        let found = try outcome(of: { shop, message in
            try shop.resign(message) { attributes in
                guard case .elements(let tag, let children, let length) = attributes else { return }
                let others = children.filter { !$0.encoded.contains(CMSIdentifier.signingTime) }
                let times = ["250615000000Z", "250616000000Z"].map {
                    MessageTree.bytes(tag: 0x17, Array($0.utf8))
                }
                attributes = .elements(
                    tag: tag, others + [attribute(CMSIdentifier.signingTime, times)], length)
            }
        })
        #expect(found == .bothRefuse)
    }

    @Test func `a clock that was never set signs like any other`() throws {
        let found = try outcome(of: { shop, message in
            try shop.resign(message) { attributes in
                guard case .elements(let tag, let children, let length) = attributes else { return }
                let others = children.filter { !$0.encoded.contains(CMSIdentifier.signingTime) }
                let time = MessageTree.bytes(tag: 0x18, Array("16010101000000Z".utf8))
                attributes = .elements(
                    tag: tag, others + [attribute(CMSIdentifier.signingTime, [time])], length)
            }
        })
        #expect(found == .bothAccept)
    }

    @Test func `a bound certificate is bound by issuer and number, too, and by the older attribute`() throws {
        let shop = try SignatureWorkshop()
        func bound(
            _ type: [UInt8], _ hash: DigestKind, of certificate: CertificateFacts, serial: [UInt8],
            besides other: CertificateFacts? = nil, policies: [MessageTree] = []
        ) throws -> Agreement? {
            try shop.sign()
            let decoded = try DecodedCertificate(der: certificate.der)
            let issuer = try #require(MessageTree(decoded.issuerName))
            let names = MessageTree.elements(tag: 0x30, [.elements(tag: 0xA4, [issuer])])
            let place = MessageTree.elements(tag: 0x30, [names, .bytes(tag: 0x02, serial)])
            let identifier = MessageTree.elements(
                tag: 0x30, [.bytes(tag: 0x04, hash.digest(certificate.der)), place])
            let others = other.map {
                [MessageTree.elements(tag: 0x30, [.bytes(tag: 0x04, hash.digest($0.der))])]
            }
            let value = MessageTree.elements(
                tag: 0x30, [.elements(tag: 0x30, [identifier] + (others ?? []))] + policies)
            try shop.write(
                "signature", shop.resign(shop.read("signature")) { append([attribute(type, [value])], &$0) })
            let comparison = try shop.compare(
                trust: shop.trust(), registered: [shop.leaf], at: SignatureWorkshop.now)
            if comparison.outcome == nil {
                Issue.record("\(comparison.ours), OpenSSL \(comparison.reference)")
            }
            return comparison.outcome
        }
        let serial = try DecodedCertificate(der: shop.leaf.der).serial
        let stranger = try SignatureWorkshop.certificate("An", key: shop.key, issuer: shop.root)
        for (type, hash) in [
            (CMSIdentifier.signingCertificate, DigestKind.sha256),
            (CMSIdentifier.olderSigningCertificate, .sha1),
        ] {
            #expect(try bound(type, hash, of: shop.leaf, serial: serial) == .bothAccept)
            #expect(try bound(type, hash, of: shop.leaf, serial: serial + [1]) == .bothRefuse)
            #expect(try bound(type, hash, of: stranger, serial: serial) == .bothRefuse)
            let both = try bound(
                type, hash, of: shop.leaf, serial: serial, besides: shop.root.certificate)
            #expect(both == .stricter(.attributes))
            func policies(_ contents: [MessageTree]) throws -> Agreement? {
                let list = MessageTree.elements(tag: 0x30, contents)
                return try bound(type, hash, of: shop.leaf, serial: serial, policies: [list])
            }
            #expect(try policies([.elements(tag: 0x30, [.bytes(tag: 0x06, unknownType)])]) == .bothAccept)
            #expect(try policies([.elements(tag: 0x30, [.bytes(tag: 0x02, [1])])]) == .bothRefuse)
            #expect(try policies([.bytes(tag: 0x06, unknownType)]) == .bothRefuse)
        }
    }

    /// Signs with a salt of 21, which unlike 20 is not left out, and changes the parameters: digest, mask, salt.
    private func pss(_ change: (inout [MessageTree]) throws -> Void) throws -> Agreement? {
        try outcome("-keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:21", .rsa(bits: 2048)) { message in
            try message.edit((signerInfo + [4, 1])[...]) { parameters in
                guard case .elements(let tag, var fields, let length) = parameters else { return }
                try #require(fields.count == 3)
                try change(&fields)
                parameters = .elements(tag: tag, fields, length)
            }
        }
    }

    private func number(_ tag: UInt8, _ contents: [UInt8]) -> MessageTree {
        .elements(tag: tag, [.bytes(tag: 0x02, contents)])
    }

    @Test func `a number that is longer than it must be is refused`() throws {
        #expect(try pss { $0[2] = number(0xA2, [0, 21]) } == .bothRefuse)
    }

    @Test func `the parameters of RSASSA-PSS are those of the signature, in their order`() throws {
        #expect(try pss { $0.append(number(0xA3, [1])) } == .bothAccept)
        #expect(try pss { $0.append(number(0xA3, [2])) } == .bothRefuse)
        #expect(try pss { $0[2] = number(0xA2, [22]) } == .bothRefuse)
        #expect(try pss { $0.swapAt(1, 2) } == .bothRefuse)
        #expect(try pss { $0.append($0[2]) } == .bothRefuse)
        let sha384 = MessageTree.bytes(tag: 0x06, DigestKind.sha384.identifier)
        #expect(try pss { try $0[0].edit([0, 0]) { $0 = sha384 } } == .bothRefuse)
        let generator = MessageTree.bytes(tag: 0x06, unknownType)
        #expect(try pss { try $0[1].edit([0, 0]) { $0 = generator } } == .bothRefuse)
    }

    @Test func `nothing follows the last field of anything`() throws {
        let more = MessageTree.bytes(tag: 0x02, [1])
        for path in [[], [1], signedData] {
            #expect(try outcome { try $0.edit(path[...]) { append([more], &$0) } } == .bothRefuse, "\(path)")
        }
        let unsigned = MessageTree.elements(tag: 0xA1, [attribute(unknownType, [more])])
        let found = try outcome { try $0.edit(signerInfo[...]) { append([unsigned, more], &$0) } }
        #expect(found == .bothRefuse)
        let bound = try outcome("-cades") { shop, message in
            try shop.resign(message) { attributes in
                guard case .elements(_, let children, _) = attributes else { return }
                let place = children.firstIndex { $0.encoded.contains(CMSIdentifier.signingCertificate) }
                try attributes.edit([try #require(place), 1, 0, 0, 0]) { append([more], &$0) }
            }
        }
        #expect(bound == .bothRefuse)
    }

    @Test(
        arguments: [
            (0x01, [0xFF], true), (0x01, [0xFF, 0xFF], false),
            (0x03, [0x01, 0xFE], true), (0x03, [], false), (0x03, [0x08, 0x00], false),
            (0x03, [0x01, 0xFF], false),
            (0x05, [], true), (0x05, [0x00], false),
            (0x06, [0x2A, 0x03], true), (0x06, [0x80, 0x03], false), (0x06, [0x2A, 0x83], false),
            // Older versions of OpenSSL take times that are too short.
            (0x17, Array("250615000000Z".utf8), true), (0x17, Array("250615000000".utf8), false),
            (0x18, Array("20250615000000Z".utf8), true), (0x18, Array("20250615000000".utf8), false),
            (0x1C, [0, 0, 0, 0x61], true), (0x1C, [0, 0, 0x61], false),
            (0x1E, [0, 0x61], true), (0x1E, [0x61], false),
            // A string in pieces, which OpenSSL takes.
            (0x24, [0x04, 0x01, 0x61], false),
        ] as [(UInt8, [UInt8], Bool)])
    func `a value of an attribute can be read`(tag: UInt8, contents: [UInt8], isReadable: Bool) throws {
        let value = MessageTree.bytes(tag: tag, contents)
        let found = try outcome { message in
            try message.edit(signerInfo[...]) {
                append([.elements(tag: 0xA1, [attribute(unknownType, [value])])], &$0)
            }
        }
        #expect((found == .bothAccept) == isReadable)
    }
}
