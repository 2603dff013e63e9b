internal import Foundation

/// The section `web`. Times in seconds.
struct WebEntry {
    let host: String
    let port: Int
    var certificateFile: String
    var keyFile: String
    /// Nil: `https://` and the address it listens on.
    var publicURL: String?
    var connections = 1000
    var connectionsPerAddress = 100
    var idleTime: TimeInterval = 60
    var headerTime: TimeInterval = 10
    /// In a minute.
    var requestsPerSender = 6000
    var requestsPerAddress = 6000
    var tokenLife: TimeInterval = 600
    var assertionLife: TimeInterval = 300
    var clockSkew: TimeInterval = 30
    /// What must be readable.
    private(set) var files: [StrictMapping.NamedFile] = []

    /// Reads every key; nil when the web service is off.
    init?(_ keys: StrictMapping, resolved: (String) -> String) throws(ConfigurationFault) {
        let listen = try keys.string("listen") ?? "off"
        let address = Configuration.address(listen)
        guard address != nil || listen == "off" else {
            throw keys.fault("listen", "host:port or off is wanted, not '\(listen)'")
        }
        (host, port) = address ?? ("", 0)
        certificateFile = resolved(try keys.string("certificate") ?? "keys/web.pem")
        keyFile = resolved(try keys.string("key") ?? "keys/web.key")
        publicURL = try WebEntry.publicURL(keys)
        connections = try keys.integer("connections", in: 1...100_000) ?? connections
        connectionsPerAddress =
            try keys.integer("connectionsPerAddress", in: 1...100_000) ?? connectionsPerAddress
        idleTime = try keys.duration("idleTime", in: 1...3600) ?? idleTime
        headerTime = try keys.duration("headerTime", in: 0.5...600) ?? headerTime
        requestsPerSender = try keys.integer("requestsPerSender", in: 1...10_000_000) ?? requestsPerSender
        requestsPerAddress = try keys.integer("requestsPerAddress", in: 1...10_000_000) ?? requestsPerAddress
        tokenLife = try keys.duration("tokenLife", in: 10...86_400) ?? tokenLife
        assertionLife = try keys.duration("assertionLife", in: 1...3600) ?? assertionLife
        clockSkew = try keys.duration("clockSkew", in: 0...600) ?? clockSkew
        if address == nil { return nil }
        guard publicURL != nil || !["0.0.0.0", "::"].contains(host) else {
            throw keys.fault(
                "publicURL",
                "it is wanted where the service listens on every address: tokens name the service")
        }
        files = [keys.file("certificate", at: certificateFile), keys.file("key", at: keyFile)]
    }

    private static func publicURL(_ keys: StrictMapping) throws(ConfigurationFault) -> String? {
        guard let text = try keys.string("publicURL"), !text.isEmpty else { return nil }
        guard let url = URLComponents(string: text), url.scheme == "https", url.host?.isEmpty == false,
            url.query == nil, url.fragment == nil
        else { throw keys.fault("publicURL", "https://HOST is wanted, not '\(text)'") }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }
}
