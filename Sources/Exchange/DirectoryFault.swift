/// What is registered cannot be read now. Nobody is admitted by that, and nobody has failed to prove who they are: it costs
/// no caller anything.
public struct DirectoryFault: Error, Sendable, CustomStringConvertible {
    /// One English sentence for the operator.
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}
