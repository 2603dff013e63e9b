public import Exchange

/// Where accepted sets go: for each application one destination for real sets and perhaps one for test sets.
public struct Destinations: Sendable {
    private let byName: [String: any Destination]

    /// - Parameter byName: by application code for real sets, `<code>:test` for test sets; `*` and `*:test` stand for
    ///   every application not named.
    public init(_ byName: [String: any Destination]) {
        self.byName = byName
    }

    /// The name a set of this application and environment is delivered under; nil when it is not delivered:
    /// simulation never, test only where there is a test destination.
    func name(for application: String, in environment: ExchangeEnvironment) -> String? {
        switch environment {
        case .simulation: nil
        case .real: application
        case .test: destination(named: application + ":test") == nil ? nil : application + ":test"
        }
    }

    func destination(named name: String) -> (any Destination)? {
        byName[name] ?? byName[name.hasSuffix(":test") ? "*:test" : "*"]
    }
}
