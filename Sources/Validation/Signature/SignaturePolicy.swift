/// What signatures are taken, where the exchange leaves a choice.
public struct SignaturePolicy: Sendable {
    /// Takes SHA-1 as digest of a signature; off unless an operator turns it on. Certificates signed with
    /// SHA-1 are refused either way.
    public var allowsSHA1 = false
    /// The largest signature file read, in bytes; 1 MiB unless changed.
    public var signatureFileLimit = 1_048_576

    public init() {}
}
