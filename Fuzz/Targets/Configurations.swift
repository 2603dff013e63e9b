internal import Channels
internal import Exchange
internal import Pipeline
internal import Spool

@testable internal import ExchangeDaemon

extension FuzzTarget {
    /// A configuration.
    ///
    /// Proves: what is taken keeps the bounds of its keys; with a key more that nobody knows it is refused.
    static let configuration = FuzzTarget(name: "configuration", longest: 12_000, prepare: acceptSoundFiles) {
        input in
        guard let configuration = read(input) else { return }
        hold(configuration.policy.fileSize <= configuration.policy.setSize, "a file larger than a set")
        hold(configuration.limits.bytesPerSender >= configuration.policy.setSize, "no room for a set")
        hold((1...9).contains(configuration.policy.parts), "\(configuration.policy.parts) parts")
        hold((1...64).contains(configuration.deciding), "\(configuration.deciding) deciding threads")
        if let sftp = configuration.sftp { hold((0...65_535).contains(sftp.port), "port \(sftp.port)") }
        if let web = configuration.web { hold((0...65_535).contains(web.port), "port \(web.port)") }
        hold(read(input + Array("\nnobody-knows-this: 1\n".utf8)) == nil, "an unknown key was taken")
    }

    /// The catalogue of applications. Proves: each purpose belongs to one of them; an unknown key is refused.
    static let applications = FuzzTarget(name: "applications", longest: 4096, prepare: acceptSoundFiles) {
        input in
        guard let catalogue = catalogue(input) else { return }
        for application in catalogue.applications {
            hold(!application.code.isEmpty, "an application without a code")
            for rule in application.purposes {
                hold(catalogue.application(for: rule.purpose) == application, "a purpose of two applications")
            }
        }
        hold(
            FuzzTarget.catalogue(input + Array("\nnobody-knows-this: 1\n".utf8)) == nil,
            "an unknown key was taken")
    }

    @Sendable private static func acceptSoundFiles() {
        let configuration = Material.bytes("config/ecluse.yaml", in: Material.repository)
        let applications = Material.bytes("config/applications.yaml", in: Material.repository)
        hold(read(configuration) != nil, "a sound configuration is refused")
        hold(catalogue(applications) != nil, "a sound catalogue is refused")
    }

    // Foundation loses a page with every empty file it reads.
    private static func read(_ yaml: [UInt8]) -> Configuration? {
        yaml.isEmpty ? nil : try? Configuration(file: Material.file("ecluse.yaml", holding: yaml))
    }

    private static func catalogue(_ yaml: [UInt8]) -> ApplicationCatalogue? {
        yaml.isEmpty ? nil : try? ApplicationFile.read(Material.file("applications.yaml", holding: yaml))
    }
}
