/// One attribute of a signer, signed or not (RFC 5652 section 5.3), whose values everybody who decodes the message can
/// read.
struct SignerAttribute {
    /// The content octets of its type.
    let type: [UInt8]
    let values: [BERElement]

    /// Nil when it is malformed.
    init?(_ element: BERElement) {
        guard element.tag == BERElement.sequence, let parts = element.children, parts.count == 2,
            parts[0].isIdentifier, parts[1].tag == BERElement.set, let values = parts[1].children,
            values.allSatisfy(\.isReadable)
        else { return nil }
        type = Array(parts[0].contents)
        self.values = values
    }

    /// The values are in DER, which a SET OF sorts: whoever encodes them anew gets the same bytes.
    var isDistinguished: Bool {
        let encoded = values.map { Array($0.whole) }
        return zip(values, encoded).allSatisfy { $0.definite() == $1 }
            && zip(encoded, encoded.dropFirst()).allSatisfy { !$1.lexicographicallyPrecedes($0) }
    }

    /// The type is one that is signed if it is there at all (RFC 5652 section 11, RFC 5035).
    var belongsSigned: Bool { CMSIdentifier.single.contains(type) }
}

extension BERElement {
    /// An OBJECT IDENTIFIER of whole numbers in their shortest form.
    var isIdentifier: Bool {
        guard tag == BERElement.identifier, let last = contents.last, last < 0x80 else { return false }
        var isFirst = true
        for octet in contents {
            if isFirst, octet == 0x80 { return false }
            isFirst = octet < 0x80
        }
        return true
    }

    /// A value of any type as OpenSSL, too, would read it; strings in pieces are not taken.
    var isReadable: Bool {
        // Of another class than the universal ones: bytes, whatever they are.
        guard tag & 0xC0 == 0 else { return true }
        guard tag & 0x20 == 0 else { return tag == BERElement.sequence || tag == BERElement.set }
        return switch tag {
        case 0x01: contents.count == 1
        case BERElement.integer, 0x0A: isShortestInteger
        case 0x03: isBitString
        case BERElement.null: contents.isEmpty
        case BERElement.identifier: isIdentifier
        case 0x10, 0x11: false
        // UTCTime, GeneralizedTime: the shortest there is. UniversalString, BMPString: whole characters.
        case 0x17: contents.count >= 13
        case 0x18: contents.count >= 15
        case 0x1C: contents.count.isMultiple(of: 4)
        case 0x1E: contents.count.isMultiple(of: 2)
        default: true
        }
    }

    private var isShortestInteger: Bool {
        guard let first = contents.first else { return false }
        guard let second = contents.dropFirst().first else { return true }
        return !(first == 0 && second < 0x80) && !(first == 0xFF && second >= 0x80)
    }

    /// Unused bits are fewer than eight and zero.
    private var isBitString: Bool {
        guard let unused = contents.first, unused < 8 else { return false }
        guard let last = contents.dropFirst().last else { return unused == 0 }
        return last & ((1 << unused) - 1) == 0
    }
}
