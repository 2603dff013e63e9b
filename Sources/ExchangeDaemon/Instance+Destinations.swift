internal import Channels
internal import Exchange
internal import Foundation
internal import Spool

extension Instance {
    /// Where accepted sets go. One at a server is bounded and has a circuit breaker, so that a slow or dead one holds
    /// none of the threads that deliver to the others.
    func destination(
        _ place: Configuration.Place, until isAbandoned: @escaping @Sendable () -> Bool
    ) throws -> any Destination {
        switch place {
        case .directory(let path):
            // Held bytes that are kept for a time are not shared with a back-end, which might change them.
            return DirectoryDestination(path: path, linking: configuration.limits.heldRetention == 0)
        case .server(let server, let path):
            let name = place.shown
            let breaking = BreakingDestination(name, try server.destination(path, until: isAbandoned))
            return BoundedDestination(name, breaking, slots: Instance.slots)
        }
    }

    /// Deliveries under way to one server at the same time.
    private static let slots = 2

    /// As many as configured, and for each destination at a server as many as it may hold: none ever keeps another from
    /// delivering.
    var deliveringThreads: Int {
        let remote = configuration.destinations.flatMap { [$0.real, $0.test] }.count { place in
            if case .server? = place { true } else { false }
        }
        return configuration.delivering + remote * Instance.slots
    }
}

extension ServerEntry {
    fileprivate func destination(
        _ path: String, until isAbandoned: @escaping @Sendable () -> Bool
    ) throws -> any Destination {
        guard scheme == .https else {
            guard let place = RemotePath(path.isEmpty ? "." : path) else {
                throw InputFile.Fault(description: "'\(path)' is no path at the server \(name)")
            }
            return FileServerDestination(
                server: try fileServer(), as: try logIn(), path: place, until: isAbandoned)
        }
        var settings = HTTPSSettings(
            trust: trust, connecting: .seconds(connectTime), patience: .seconds(stallTime))
        if let certificateFile, let keyFile {
            settings.identity = .init(
                certificate: certificateFile, key: keyFile, passphrase: try passphraseFile.map(secret))
        }
        let authority = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        let url = "https://\(authority)\(self.path)\(path)"
        guard
            let destination = HTTPDestination(
                url: url, settings: settings, tokenFile: tokenFile, until: isAbandoned)
        else {
            throw InputFile.Fault(description: "'\(url)' is no address of a web service")
        }
        return destination
    }
}
