/// Why a passphrase, PIN or password could not be had, in one English sentence.
public struct SecretFault: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
