/// The address of a key on a token: a `pkcs11:` URI (RFC 7512) that names one token and one object on it, so that a PIN
/// is never tried on a token that was not meant.
public struct TokenAddress: Sendable, Hashable, CustomStringConvertible {
    /// The path attributes as given, in their order.
    private let attributes: [(name: String, value: String)]
    /// The file that holds the PIN (`pin-source`).
    public let pinFile: String?
    /// The PKCS#11 module (`module-path`).
    public let module: String?

    private static let pathAttributes: Set<String> = [
        "token", "manufacturer", "serial", "model", "object", "type", "id", "slot-id",
        "library-manufacturer", "library-description", "library-version", "slot-manufacturer",
        "slot-description",
    ]

    /// Whether a text is meant as such an address.
    public static func isAddress(_ text: String) -> Bool { text.hasPrefix("pkcs11:") }

    /// - Throws: `.address` for what is no such URI, names no token or no object, or holds a PIN.
    public init(_ text: String) throws(KeyFault) {
        guard TokenAddress.isAddress(text), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .address("The address of a key on a token begins with pkcs11: and has no blanks.")
        }
        let halves = text.dropFirst("pkcs11:".count).split(
            separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = try TokenAddress.attributes(halves[0], separator: ";")
        let query = try TokenAddress.attributes(halves.count > 1 ? halves[1] : "", separator: "&")
        if let unknown = path.first(where: { !TokenAddress.pathAttributes.contains($0.name) }) {
            guard unknown.name != "pin-value" else { throw TokenAddress.pinOnCommandLine }
            throw .address(
                "The address has an attribute '\(unknown.name.prefix(40))' that RFC 7512 does not know there."
            )
        }
        guard !query.contains(where: { $0.name == "pin-value" }) else { throw TokenAddress.pinOnCommandLine }
        let names = Set(path.map(\.name))
        guard !names.isDisjoint(with: ["token", "serial"]), !names.isDisjoint(with: ["object", "id"]) else {
            throw .address(
                "The address must name the token (token or serial) and the key on it (object or id).")
        }
        attributes = path.filter { $0.name != "type" }
        pinFile = query.first { $0.name == "pin-source" }.map { TokenAddress.file($0.value) }
        module = query.first { $0.name == "module-path" }.map { TokenAddress.decoded($0.value) }
    }

    private static let pinOnCommandLine = KeyFault.address(
        "A PIN does not belong in an address, which others on the machine can see; leave pin-value out.")

    private static func attributes(
        _ text: Substring, separator: Character
    ) throws(KeyFault) -> [(name: String, value: String)] {
        var attributes: [(name: String, value: String)] = []
        for piece in text.split(separator: separator) {
            let parts = piece.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw .address("The attributes of the address are written name=value.")
            }
            attributes.append((String(parts[0]), String(parts[1])))
        }
        return attributes
    }

    private static func file(_ value: String) -> String {
        let path = decoded(value)
        return path.hasPrefix("file:") ? String(path.dropFirst(path.hasPrefix("file://") ? 7 : 5)) : path
    }

    /// Percent-encoding undone; what is no such encoding stays.
    private static func decoded(_ value: String) -> String {
        var bytes: [UInt8] = []
        var rest = Array(value.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            if byte == 0x25, digits.utf8.count == 2, let decoded = UInt8(digits, radix: 16) {
                bytes.append(decoded)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    enum Object: String {
        case key = "private"
        case certificate = "cert"
    }

    /// The address of one kind of object under these names.
    func text(of object: Object) -> String {
        "pkcs11:" + attributes.map { "\($0.name)=\($0.value);" }.joined() + "type=\(object.rawValue)"
    }

    public var description: String {
        "pkcs11:" + attributes.map { "\($0.name)=\($0.value)" }.joined(separator: ";")
    }

    public static func == (left: TokenAddress, right: TokenAddress) -> Bool {
        left.text(of: .key) == right.text(of: .key) && left.pinFile == right.pinFile
            && left.module == right.module
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(text(of: .key))
    }
}
