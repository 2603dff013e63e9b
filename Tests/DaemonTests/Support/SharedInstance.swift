import Testing

/// Gives a suite one running instance for all its tests, ended when the suite is. Tests enrol senders of their own
/// in it and look at nothing but theirs.
struct SharedInstance: SuiteTrait, TestScoping {
    @TaskLocal private static var current: Instance?

    let changes: @Sendable () -> [Instance.Change]
    var isServing = true
    var isPolling = false

    static func running() throws -> Instance {
        try #require(current, "the suite has no shared instance")
    }

    func provideScope(
        for test: Test, testCase: Test.Case?,
        performing function: @Sendable @concurrent () async throws -> Void
    ) async throws {
        let instance = try Instance(changes(), polling: isPolling ? OutsideServers() : nil)
        if isServing { try instance.start() }
        try await SharedInstance.$current.withValue(instance) { try await function() }
        instance.kill()
    }
}

extension Trait where Self == SharedInstance {
    /// An instance with a daemon.
    static func served(_ changes: @autoclosure @escaping @Sendable () -> [Instance.Change] = [])
        -> SharedInstance
    {
        SharedInstance(changes: changes)
    }

    /// An instance with a daemon that polls other people's servers too.
    static func polling(_ changes: @autoclosure @escaping @Sendable () -> [Instance.Change]) -> SharedInstance
    {
        SharedInstance(changes: changes, isPolling: true)
    }

    /// An instance without one, for commands.
    static var unserved: SharedInstance { SharedInstance(changes: { [] }, isServing: false) }
}
