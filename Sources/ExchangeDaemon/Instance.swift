internal import Channels
internal import Exchange
internal import Foundation
internal import Logging
internal import Pipeline
internal import Registry
internal import Spool
internal import Validation

/// The parts of an instance that both the daemon and the commands open.
struct Instance {
    var configuration: Configuration

    /// - Parameter file: the configuration file.
    init(file: String) throws(ConfigurationFault) {
        configuration = try Configuration(file: file)
    }

    func catalogue() throws(ConfigurationFault) -> ApplicationCatalogue {
        try ApplicationFile.read(configuration.applications)
    }

    func registry() throws -> Registry {
        try Registry.open(at: registryFile)
    }

    /// Whether `registry` would open it, without the changes that opening may make.
    func checkRegistry() throws {
        try Registry.check(at: registryFile)
    }

    private var registryFile: String {
        get throws {
            guard FileManager.default.fileExists(atPath: configuration.registry) else {
                throw InputFile.Fault(
                    description: "there is no registry at \(configuration.registry); `ecluse init` makes one")
            }
            return configuration.registry
        }
    }

    func ground() throws -> DecisionGround {
        DecisionGround(
            policy: configuration.policy, catalogue: try catalogue(), schemas: try schemas(),
            documentLimits: DocumentLimits(), signaturePolicy: configuration.signaturePolicy)
    }

    /// Every schema there is compiles, and those that must be there are.
    private func schemas() throws -> SchemaCatalogue {
        let schemas = try SchemaCatalogue.load(from: configuration.schemas)
        try schemas.prove()
        if let missing = configuration.requiredSchemas.first(where: { !schemas.names.contains($0) }) {
            throw ConfigurationFault(
                file: configuration.file, line: nil, key: "instance.requiredSchemas",
                sentence: "the schema \(missing) is not in \(configuration.schemas)")
        }
        return schemas
    }

    /// - Parameter isAbandoned: when true, deliveries to servers are broken off.
    func destinations(until isAbandoned: @escaping @Sendable () -> Bool = { false }) throws -> Destinations {
        let catalogue = try catalogue()
        var byName: [String: any Destination] = [:]
        for (application, real, test) in configuration.destinations {
            guard application == "*" || catalogue.application(code: application) != nil else {
                throw ConfigurationFault(
                    file: configuration.file, line: nil, key: "destinations.\(application)",
                    sentence: "no such application in \(configuration.applications)")
            }
            byName[application] = try real.map { try destination($0, until: isAbandoned) }
            byName[application + ":test"] = try test.map { try destination($0, until: isAbandoned) }
        }
        return Destinations(byName)
    }

    func signer() throws -> DocumentSigner {
        let key = try InputFile.read(configuration.receiptKey)
        let certificate = try InputFile.read(configuration.receiptCertificate)
        do {
            return try DocumentSigner(privateKeyPEM: key, certificate: certificate, passphrase: nil)
        } catch {
            throw InputFile.Fault(
                description: "receipts cannot be signed with \(configuration.receiptKey) and "
                    + "\(configuration.receiptCertificate): \(error.sentence)")
        }
    }

    func registrar() throws -> Registrar {
        Registrar(registry: try registry(), catalogue: try catalogue(), time: Date())
    }
}

/// Reads files given on the command line or in the configuration.
enum InputFile {
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    /// The whole file; at most 16 MiB.
    static func read(_ path: String) throws(Fault) -> [UInt8] {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw Fault(description: "\(path) cannot be read")
        }
        defer { try? handle.close() }
        let limit = 16 * 1024 * 1024
        let bytes: Data
        do {
            bytes = try handle.read(upToCount: limit + 1) ?? Data()
        } catch {
            throw Fault(description: "\(path) cannot be read")
        }
        guard bytes.count <= limit else { throw Fault(description: "\(path) is larger than 16 MiB") }
        return Array(bytes)
    }
}
